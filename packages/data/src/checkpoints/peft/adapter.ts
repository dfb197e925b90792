import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { NameMap } from "../bind.ts";
import { openCheckpoint, type Checkpoint } from "../checkpoint.ts";
import { damagedCheckpoint, unsupportedAdapter } from "../errors.ts";
import { readTensor } from "../read-tensor.ts";
import { writeSafetensors } from "../write-safetensors.ts";

const CONFIG = "adapter_config.json";
const WEIGHTS = "adapter_model.safetensors";
/** What peft puts before the module path of the model it wraps. */
const PREFIX = "base_model.model.";
const HALF = /\.lora_([AB])\.weight$/;

const configSchema = z.looseObject({
  peft_type: z.string(),
  r: z.int().positive(),
  lora_alpha: z.number().positive(),
  base_model_name_or_path: z.string().nullish(),
  target_modules: z.union([z.string(), z.array(z.string())]).nullish(),
});

/** A LoRA adapter in peft's form. */
export interface PeftAdapter {
  readonly rank: number;
  readonly alpha: number;
  /** Repository or folder of the model it was trained on. */
  readonly baseModel: string | undefined;
  readonly checkpoint: Checkpoint;
}

/** Settings of peft that change what an adapter computes and that we do not carry out; each must be off. */
const UNSUPPORTED = [
  "use_dora",
  "use_rslora",
  "use_qalora",
  "use_bdlora",
  "lora_bias",
  "fan_in_fan_out",
  "modules_to_save",
  "layer_replication",
  "rank_pattern",
  "alpha_pattern",
  "target_parameters",
  "trainable_token_indices",
] as const;

/**
 * Names of adapter parameters in peft's file: `base_model.model.` and the module's path in the wrapped model, which is
 * `base`'s name of the layer's weight.
 */
export const peftNames =
  (base: NameMap): NameMap =>
  (parameter) => {
    const half = HALF.exec(parameter);
    if (half === null) return [];
    const layer = base(parameter.replace(HALF, ".weight"));
    return layer.map((name) => `${PREFIX}${name.replace(/\.weight$/, `.lora_${half[1]!}.weight`)}`);
  };

/**
 * Opens a folder that peft's `save_pretrained` wrote. Only headers are read.
 * @throws PVLA_CHECKPOINT_NOT_FOUND, PVLA_CHECKPOINT_DAMAGED, PVLA_ADAPTER for kinds other than plain LoRA
 */
export async function openPeftAdapter(folder: string): Promise<PeftAdapter> {
  const checkpoint = await openCheckpoint(join(folder, WEIGHTS));
  const file = join(folder, CONFIG);
  const parsed = configSchema.safeParse(await readFile(file, "utf8").then(JSON.parse, () => undefined));
  if (!parsed.success) throw damagedCheckpoint(file, "no LoRA configuration", "Save the adapter again with peft");
  const { data } = parsed;
  if (data.peft_type !== "LORA") throw unsupportedAdapter(folder, `an adapter of kind ${data.peft_type}`);
  for (const key of UNSUPPORTED) if (isOn(data[key])) throw unsupportedAdapter(folder, `"${key}" in ${CONFIG}`);
  if (isOn(data["bias"]) && data["bias"] !== "none") throw unsupportedAdapter(folder, `"bias" in ${CONFIG}`);
  for (const name of checkpoint.tensors.keys())
    if (!HALF.test(name)) throw unsupportedAdapter(folder, `the tensor "${name}"`);
  return {
    rank: data.r,
    alpha: data.lora_alpha,
    baseModel: data.base_model_name_or_path ?? undefined,
    checkpoint,
  };
}

/**
 * Values of an adapter's matrices under our parameters' names, in float32.
 *
 * @param parameters names of a policy's parameters; those that are no halves of an adapter are passed over
 * @param base names of the public checkpoint the adapter belongs on (`openvlaNames`, `pi0Names`)
 * @returns the values by parameter, and the file's tensors that no parameter uses (layers the policy does not adapt)
 * @throws PVLA_CHECKPOINT_DAMAGED
 */
export async function readAdapterWeights(
  { checkpoint }: PeftAdapter,
  parameters: Iterable<string>,
  base: NameMap,
): Promise<{
  readonly values: Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;
  readonly unexpected: readonly string[];
}> {
  const names = peftNames(base);
  const values = new Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>();
  const unused = new Set(checkpoint.tensors.keys());
  for (const parameter of parameters) {
    const name = names(parameter).find((candidate) => checkpoint.tensors.has(candidate));
    if (name === undefined) continue;
    const tensor = checkpoint.tensors.get(name)!;
    values.set(parameter, { shape: tensor.shape, data: await readTensor(tensor) });
    unused.delete(name);
  }
  return { values, unexpected: [...unused] };
}

/** Whether a setting does anything: not absent, false, null or empty. */
function isOn(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}

/**
 * Writes an adapter as peft's `save_pretrained` does, for `PeftModel.from_pretrained` on the public model: rank from the
 * shapes, targets as full module paths, so that no other layer of the same last name is meant.
 *
 * @param tensors our `NAME.lora_A.weight` `[r, in]` and `NAME.lora_B.weight` `[out, r]`; others are passed over
 * @param base names of the public checkpoint (`openvlaNames`, `pi0Names`)
 * @throws PVLA_ADAPTER when there is no adapter among the tensors
 */
export async function writePeftAdapter(
  folder: string,
  tensors: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>,
  options: { readonly alpha: number; readonly base: NameMap; readonly baseModel?: string | undefined },
): Promise<{ readonly tensors: number; readonly rank: number }> {
  const names = peftNames(options.base);
  const written = [...tensors]
    .map(([name, tensor]) => ({ name: names(name)[0], dtype: "float32" as const, ...tensor }))
    .filter((tensor): tensor is typeof tensor & { name: string } => tensor.name !== undefined)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const rank = written.find(({ name }) => name.endsWith(".lora_A.weight"))?.shape[0];
  if (rank === undefined) throw unsupportedAdapter(folder, "no adapter among the weights");
  const layers = written.filter(({ name }) => name.endsWith(".lora_A.weight"));
  const config = {
    peft_type: "LORA",
    base_model_name_or_path: options.baseModel ?? null,
    task_type: null,
    inference_mode: true,
    r: rank,
    lora_alpha: options.alpha,
    lora_dropout: 0,
    bias: "none",
    fan_in_fan_out: false,
    init_lora_weights: "gaussian",
    modules_to_save: null,
    rank_pattern: {},
    alpha_pattern: {},
    use_dora: false,
    use_rslora: false,
    target_modules: layers.map(({ name }) => name.slice(PREFIX.length).replace(HALF, "")),
  };
  await mkdir(folder, { recursive: true });
  await writeSafetensors(join(folder, WEIGHTS), written);
  await writeFile(join(folder, CONFIG), `${JSON.stringify(config, null, 2)}\n`);
  return { tensors: written.length, rank };
}

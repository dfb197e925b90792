import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  composePolicy,
  extractProgram,
  partitionFrozenPrefix,
  pixelVlaError,
  POLICY_INPUT,
  sizeOf,
  toOnnx,
  type ComposedPolicy,
  type FileRegion,
  type Program,
  initialValues,
} from "@pixelvla/core";
import { bindBase, builtinRegistry, recipeText, stageOf } from "@pixelvla/training";
import { noPolicy } from "../errors.ts";
import type { GraphSource } from "../policy/open-source.ts";
import { quantisationOf, WeightExporter, type Precision } from "./export-weights.ts";
import { folderFiles } from "./folder-files.ts";
import { measureActionError, type ActionError } from "./measure-error.ts";
import { WeightsFile } from "./weights-file.ts";

export interface ExportOptions {
  readonly out: string;
  readonly precision: Precision;
  /** Also a pair of models that share a cached prefix: image and text once, sampling steps from it. */
  readonly cachedPrefix?: boolean;
  /** Observations on which the exported actions are compared with the source's; 0 for none. */
  readonly measure: number;
  readonly onProgress?: (line: string) => void;
}

export interface ExportReport {
  readonly out: string;
  readonly precision: Precision;
  readonly files: readonly string[];
  readonly parameters: number;
  readonly weightBytes: number;
  readonly mergedAdapters: number;
  /** Weights that no checkpoint provided. */
  readonly randomParameters: number;
  readonly actionError?: ActionError;
}

const MODEL = "model.onnx";
const WEIGHTS = "weights.bin";

/**
 * Writes a policy as a folder that needs nothing of ours: `model.onnx` with external `weights.bin`, statistics, tokenizer, README and two
 * runners. Adapters are folded into the weights. Weights pass through one tensor at a time. The folder appears whole or not at all.
 * @throws PVLA_EXPORT when `out` exists, PVLA_WEIGHTS, PVLA_CHECKPOINT_*
 */
export async function exportPolicy(source: GraphSource, options: ExportOptions): Promise<ExportReport> {
  const out = resolve(options.out);
  if (existsSync(out) && readdirSync(out).length > 0)
    throw pixelVlaError("PVLA_EXPORT", {
      doing: "Exporting the policy",
      found: `${out} exists and is not empty`,
      fix: "Choose another --out",
    });
  const aside = `${out}.part-${process.pid}`;
  mkdirSync(aside, { recursive: true });
  try {
    const report = await writeFolder(source, options, aside);
    if (existsSync(out)) rmSync(out, { recursive: true });
    renameSync(aside, out);
    return { ...report, out };
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    throw error;
  }
}

async function writeFolder(
  source: GraphSource,
  options: ExportOptions,
  folder: string,
): Promise<Omit<ExportReport, "out">> {
  const { recipe, training } = source.trainingRecipe;
  const { precision, onProgress = () => undefined } = options;
  const { withoutPixelParts } = stageOf(recipe, training.stage);
  const compose = (backbone: Partial<typeof recipe.backbone>): ComposedPolicy =>
    composePolicy({ ...recipe, backbone: { ...recipe.backbone, ...backbone } }, builtinRegistry(), {
      batch: 1,
      mode: "predict",
      withoutPixelParts,
    });
  // A checkpoint that is quantised already keeps its codes, and its adapters beside them.
  const isQuantised = recipe.backbone.quantise !== null;
  if (isQuantised && precision !== "stored")
    throw noPolicy(source.path, `a policy whose backbone is quantised already, for an export as ${precision}`);
  const policy = isQuantised ? compose({}) : compose({ lora: null, quantise: quantisationOf(precision) });
  const plain = isQuantised ? policy : compose({ lora: null });
  await bindBase(plain.graph, recipe);
  const base = new Map<string, FileRegion & { shape: readonly number[] }>();
  for (const { name, tensor, source: origin } of plain.graph.parameters.values())
    if (origin.kind === "file") base.set(name, { ...origin, shape: tensor.shape });

  const trained = new Map(await source.weights());
  const known = (name: string) => trained.has(name) || base.has(name);
  const missing = [...plain.graph.parameters.values()].filter(({ name }) => !known(name));
  if (source.kind === "run" && missing[0] !== undefined)
    throw noPolicy(source.path, `a checkpoint without the weight ${missing[0].name}`);
  if (quantisationOf(precision) !== null)
    for (const parameter of missing)
      trained.set(parameter.name, {
        shape: parameter.tensor.shape,
        data: initialValues(parameter, training.seed),
      });

  const programs: Record<string, Program> = { [MODEL]: extractProgram(policy.graph, { chunk: policy.chunk! }) };
  if (options.cachedPrefix === true) Object.assign(programs, cachedPair(policy));
  const weights = await WeightsFile.create(join(folder, WEIGHTS), WEIGHTS);
  const exporter = new WeightExporter({ recipe, trained, base, seed: training.seed, precision }, weights);
  for (const [file, program] of Object.entries(programs)) {
    onProgress(`writing ${file} and its weights`);
    await exporter.write(program.parameters);
    const { bytes } = toOnnx(program, { placement: ({ name }) => exporter.written.get(name)! });
    writeFileSync(join(folder, file), bytes);
  }
  await weights.close();

  const text = recipeText(recipe, builtinRegistry());
  const actionError =
    options.measure === 0 ? undefined : await measureActionError(source, policy, exporter.written, options.measure);
  const program = programs[MODEL]!;
  folderFiles({ folder, source, policy, program, text, precision, programs: Object.keys(programs), actionError });
  return {
    precision,
    files: readdirSync(folder).sort(),
    parameters: program.parameters.reduce((sum, { tensor }) => sum + sizeOf(tensor.shape), 0),
    weightBytes: weights.byteLength,
    mergedAdapters: isQuantised ? 0 : [...trained.keys()].filter((name) => name.endsWith("lora_A.weight")).length,
    randomParameters: missing.reduce((sum, { tensor }) => sum + sizeOf(tensor.shape), 0),
    ...(actionError === undefined ? {} : { actionError }),
  };
}

/** `prefix.onnx`: image and text to keys and values; `sample.onnx`: those, state and noise to the chunk. */
function cachedPair({ graph, chunk }: ComposedPolicy): Record<string, Program> {
  const { prefix, suffix } = partitionFrozenPrefix(
    graph,
    { chunk: chunk! },
    { trainable: () => false, volatileInputs: [POLICY_INPUT.noise, POLICY_INPUT.state] },
  );
  if (prefix === undefined || !suffix.inputs.has(POLICY_INPUT.noise))
    throw pixelVlaError("PVLA_EXPORT", {
      doing: "Splitting the policy into a cached prefix and its sampling",
      found: "nothing is sampled",
      needed: "a flow-matching decoder (pi0)",
    });
  return { "prefix.onnx": prefix, "sample.onnx": suffix };
}

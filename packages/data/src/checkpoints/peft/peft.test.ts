import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { openCheckpoint } from "../checkpoint.ts";
import { openvlaNames } from "../name-maps.ts";
import { readTensor } from "../read-tensor.ts";
import { openPeftAdapter, peftNames, writePeftAdapter } from "./adapter.ts";
import { mergeCheckpoint } from "./merge-checkpoint.ts";

/** Written by peft itself, see tools/peers/golden_llama.py; what peft makes of ours is checked by tools/peers/check_peft.py. */
const golden = fileURLToPath(new URL("../../../../backbones/test/golden/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "pixelvla-peft-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** peft's own folder, as `save_pretrained` leaves it. */
function theirs(name: string, change: Record<string, unknown> = {}): string {
  const target = join(folder, name);
  mkdirSync(target);
  copyFileSync(`${golden}llama-lora.adapter.safetensors`, join(target, "adapter_model.safetensors"));
  const config = JSON.parse(readFileSync(`${golden}llama-lora.adapter_config.json`, "utf8")) as object;
  writeFileSync(join(target, "adapter_config.json"), JSON.stringify({ ...config, ...change }));
  return target;
}

test("an adapter of peft is read, and written again under the same names with the same values", async () => {
  const { rank, alpha, checkpoint } = await openPeftAdapter(theirs("theirs"));
  expect([rank, alpha, checkpoint.tensors.size]).toEqual([4, 2, 28]);
  const ours = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  for (const [name, tensor] of checkpoint.tensors)
    ours.set(name.replace("base_model.model.language_model.", "backbone."), {
      shape: tensor.shape,
      data: await readTensor(tensor),
    });
  ours.set("decoder.fc1.weight", { shape: [1], data: new Float32Array(1) }); // no adapter: passed over
  const target = join(folder, "ours");
  const written = await writePeftAdapter(target, ours, { alpha, base: openvlaNames, baseModel: "openvla/openvla-7b" });
  expect(written).toEqual({ tensors: 28, rank: 4 });
  const again = await openPeftAdapter(target);
  expect(again).toMatchObject({ rank: 4, alpha: 2, baseModel: "openvla/openvla-7b" });
  expect([...again.checkpoint.tensors.keys()].sort()).toEqual([...checkpoint.tensors.keys()].sort());
  for (const [name, tensor] of checkpoint.tensors)
    expect(await readTensor(again.checkpoint.tensors.get(name)!)).toEqual(await readTensor(tensor));
});

test("merging gives peft's merged weight and leaves the rest as it is", async () => {
  const target = join(folder, "merged");
  const base = `${golden}llama-lora.weights.safetensors`;
  const counts = await mergeCheckpoint(base, theirs("to-merge"), target);
  expect(counts).toEqual({ merged: 14, copied: 7 });
  const merged = await openCheckpoint(target);
  const layer = "language_model.model.layers.0.self_attn.q_proj.weight";
  const expected = await readTensor(
    (await openCheckpoint(`${golden}llama-lora.safetensors`)).tensors.get(`merged.${layer}`)!,
  );
  const found = await readTensor(merged.tensors.get(layer)!);
  found.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-6));
  const original = (await openCheckpoint(base)).tensors;
  const norm = "language_model.model.norm.weight";
  expect(await readTensor(merged.tensors.get(norm)!)).toEqual(await readTensor(original.get(norm)!));
  await expect(mergeCheckpoint(base, join(folder, "to-merge"), target)).rejects.toMatchObject({
    code: "PVLA_TARGET_EXISTS",
  });
});

test.each([
  ["dora", { use_dora: true }],
  ["rslora", { use_rslora: true }],
  ["patterns", { rank_pattern: { q_proj: 8 } }],
  ["kind", { peft_type: "IA3" }],
  ["saved modules", { modules_to_save: ["lm_head"] }],
  ["bias", { bias: "all" }],
])("an adapter with %s, which would compute something else, is refused", async (name, change) => {
  await expect(openPeftAdapter(theirs(name, change))).rejects.toMatchObject({ code: "PVLA_ADAPTER" });
});

test("an adapter of another model is not merged silently", async () => {
  const base = `${golden}openvla-slots.safetensors`;
  await expect(mergeCheckpoint(base, theirs("other"), join(folder, "never"))).rejects.toMatchObject({
    code: "PVLA_ADAPTER",
  });
});

test("names follow the base model's, and only adapters have any", () => {
  const names = peftNames(openvlaNames);
  expect(names("backbone.model.layers.0.self_attn.q_proj.lora_A.weight")[0]).toBe(
    "base_model.model.language_model.model.layers.0.self_attn.q_proj.lora_A.weight",
  );
  expect(names("backbone.model.norm.weight")).toEqual([]);
});

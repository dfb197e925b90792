import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Graph } from "@pixelvla/core";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  bfloat16ToFloat32,
  bindAllParameters,
  bindParameters,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
  openCheckpoint,
  openvlaNames,
  quantiseCheckpoint,
  ownNames,
  pi0Names,
  readSafetensorsHeader,
  readTensor,
  writeSafetensors,
} from "./index.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "checkpoints-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("what is written is read back, whatever the stored type", async () => {
  const file = join(folder, "model.safetensors");
  const values = Float32Array.of(0, 1, -2.5, 1 / 3);
  await writeSafetensors(file, [
    { name: "a", dtype: "float32", shape: [2, 2], data: values },
    { name: "b", dtype: "bfloat16", shape: [4], data: float32ToBfloat16(values) },
    { name: "h", dtype: "float16", shape: [4], data: float32ToFloat16(values) },
  ]);
  const { tensors } = await openCheckpoint(folder);
  expect(await readTensor(tensors.get("a")!)).toEqual(values);
  expect([...(await readTensor(tensors.get("b")!))]).toEqual([0, 1, -2.5, 0.333984375]);
  expect((await readTensor(tensors.get("h")!))[3]).toBeCloseTo(1 / 3, 3);
});

test("half types survive a round trip bit for bit", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff }), (bits) => {
      const one = Uint16Array.of(bits);
      const wide = bfloat16ToFloat32(one);
      if (!Number.isNaN(wide[0])) expect(float32ToBfloat16(wide)).toEqual(one);
      const half = float16ToFloat32(one);
      if (!Number.isNaN(half[0])) expect(float32ToFloat16(half)).toEqual(one);
    }),
    { numRuns: 5000 },
  );
});

test("a truncated file names the tensor and the bytes", async () => {
  const file = join(folder, "short.safetensors");
  await writeSafetensors(file, [{ name: "w", dtype: "float32", shape: [100], data: new Float32Array(100) }]);
  await truncate(file, 300);
  await expect(readSafetensorsHeader(file)).rejects.toThrow(/tensor "w" at bytes .* of 300, needs 400 bytes/);
});

test("a pickle is refused unread, with the way to convert it", async () => {
  const file = join(folder, "model.pt");
  await writeFile(file, Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 0, 0]));
  await expect(openCheckpoint(file)).rejects.toMatchObject({ code: "PVLA_CHECKPOINT_PICKLE" });
  const renamed = join(folder, "renamed.safetensors");
  await writeFile(renamed, Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 0, 0]));
  await expect(openCheckpoint(renamed)).rejects.toMatchObject({ code: "PVLA_CHECKPOINT_PICKLE" });
});

test("a header whose length begins like a pickle is no pickle, and a pickle of any protocol is one", async () => {
  const file = join(folder, "length-128.safetensors");
  const header = JSON.stringify({ w: { dtype: "F32", shape: [1], data_offsets: [0, 4] } }).padEnd(128);
  await writeFile(file, Buffer.concat([Buffer.from([128, 0, 0, 0, 0, 0, 0, 0]), Buffer.from(header), Buffer.alloc(4)]));
  expect([...(await openCheckpoint(file)).tensors.keys()]).toEqual(["w"]);
  const pickle = join(folder, "pickle.safetensors");
  await writeFile(pickle, Buffer.from([0x80, 4, 0x95, 0x7b, 0, 0, 0, 0, 0x7b, 0x94, 0x2e]));
  await expect(openCheckpoint(pickle)).rejects.toMatchObject({ code: "PVLA_CHECKPOINT_PICKLE" });
});

test("no header bytes crash the reader", async () => {
  const file = join(folder, "fuzz.safetensors");
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), fc.string({ maxLength: 80 }), async (bytes, text) => {
      const json = Buffer.from(text);
      const head = Buffer.alloc(8);
      head.writeBigUInt64LE(BigInt(json.length));
      for (const content of [Buffer.from(bytes), Buffer.concat([head, json, bytes])]) {
        await writeFile(file, content);
        await readSafetensorsHeader(file).catch((error: unknown) => {
          expect(String((error as { code?: string }).code)).toMatch(/^PVLA_CHECKPOINT_/);
        });
      }
    }),
    { numRuns: 60 },
  );
});

test("shards are joined by their index, which may not point outside its folder", async () => {
  const shard = "model-00001-of-00001.safetensors";
  await writeSafetensors(join(folder, shard), [{ name: "x", dtype: "float32", shape: [1], data: Float32Array.of(7) }]);
  const index = join(folder, "model.safetensors.index.json");
  await writeFile(index, JSON.stringify({ weight_map: { x: shard } }));
  const { tensors } = await openCheckpoint(index);
  expect([...(await readTensor(tensors.get("x")!))]).toEqual([7]);
  await writeFile(index, JSON.stringify({ weight_map: { x: "../evil.safetensors" } }));
  await expect(openCheckpoint(index)).rejects.toMatchObject({ code: "PVLA_CHECKPOINT_DAMAGED" });
});

test("parameters are bound in place; missing ones come with the nearest name", async () => {
  const file = join(folder, "bind.safetensors");
  await writeSafetensors(file, [
    { name: "head.weight", dtype: "float32", shape: [2, 3], data: new Float32Array(6) },
    { name: "head.biass", dtype: "float32", shape: [2], data: new Float32Array(2) },
  ]);
  const g = new Graph();
  g.parameter("head.weight", [2, 3], { kind: "zeros" });
  g.parameter("head.bias", [2], { kind: "zeros" });
  const checkpoint = await openCheckpoint(file);
  const report = bindParameters(g, checkpoint, ownNames);
  expect(report).toMatchObject({ missing: ["head.bias"], unused: ["head.biass"] });
  expect(g.parameters.get("head.weight")!.source).toMatchObject({ kind: "file", file });
  expect(() => bindAllParameters(g, checkpoint, ownNames)).toThrow(
    /"head.bias" is missing \(nearest in the file: "head.biass"\)/,
  );
});

test("names map to the public checkpoints' layouts", () => {
  expect(openvlaNames("visionEncoder.featurizer.blocks.0.attn.qkv.weight")[0]).toBe(
    "vision_backbone.featurizer.blocks.0.attn.qkv.weight",
  );
  expect(openvlaNames("backbone.model.layers.3.mlp.up_proj.lora_A.weight")).toEqual([]);
  expect(pi0Names("decoder.state_proj.weight")).toContain("state_proj.weight");
  expect(pi0Names("backbone.paligemma.model.language_model.embed_tokens.weight")).toContain(
    "paligemma_with_expert.paligemma.lm_head.weight",
  );
});

test("a quantised checkpoint holds codes and scales for matching matrices and everything else as it was", async () => {
  const source = join(folder, "q.safetensors");
  const weight = Float32Array.from({ length: 6 * 40 }, (_, i) => Math.sin(i));
  await writeSafetensors(source, [
    { name: "fc.weight", dtype: "float32", shape: [6, 40], data: weight },
    { name: "norm.weight", dtype: "bfloat16", shape: [40], data: float32ToBfloat16(weight.subarray(0, 40)) },
  ]);
  const target = join(folder, "q4");
  const options = { bits: 4, blockSize: 16, matches: (name: string) => name.startsWith("fc") } as const;
  expect(await quantiseCheckpoint(source, target, options)).toEqual({ quantised: 1, copied: 1 });
  const { tensors } = await openCheckpoint(target);
  expect(tensors.get("fc.weight.codes")!.shape).toEqual([6, 3, 8]);
  const scales = await readTensor(tensors.get("fc.weight.scales")!);
  const codes = await readTensor(tensors.get("fc.weight.codes")!);
  weight.forEach((w, i) => {
    const [row, k] = [Math.floor(i / 40), i % 40];
    const block = row * 3 + Math.floor(k / 16);
    const code = (codes[block * 8 + Math.floor((k % 16) / 2)]! >> (4 * (k % 2))) & 15;
    expect(Math.abs((code - 8) * scales[block]! - w)).toBeLessThanOrEqual(Math.abs(scales[block]!) * 1.001);
  });
  expect(tensors.get("norm.weight")!.region.dtype).toBe("bfloat16");
  await expect(quantiseCheckpoint(source, target, options)).rejects.toMatchObject({ code: "PVLA_TARGET_EXISTS" });
});

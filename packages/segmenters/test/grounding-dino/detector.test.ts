import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openCheckpoint, readTensor, writeSafetensors, float32ToFloat16 } from "@pixelvla/data/checkpoints";
import { onnxruntimeEngine } from "@pixelvla/engines";
import { relativeDifference } from "@pixelvla/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { builtinSegmenters, createVisionRegistry } from "../../src/index.ts";
import { openGroundingDino } from "../../src/grounding-dino/model.ts";
import { caseIds, caseTensor, compileCase, havePictures, openCase, runCase, samplePicture } from "./cases.ts";

const NAME = "grounding-dino-single";
const folder = fileURLToPath(new URL(`../golden/${NAME}`, import.meta.url));
const plugin = createVisionRegistry(builtinSegmenters).get("objectDetector", "grounding-dino");
const engine = onnxruntimeEngine({ provider: "cpu", threads: 1 });
const open = (options: object) => plugin.open(plugin.options.parse({ folder, ...options }), { engine, threads: 1 });
const black = (widthPx: number, heightPx: number) => ({
  widthPx,
  heightPx,
  data: new Uint8Array(widthPx * heightPx * 3),
});

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "grounding-dino-"));
});
afterAll(() => rm(scratch, { recursive: true }));

/** A copy of the golden's folder with its tensors changed. */
async function changedFolder(
  name: string,
  change: (name: string, values: Float32Array, shape: readonly number[]) => object | undefined,
) {
  const to = join(scratch, name);
  await cp(folder, to, { recursive: true });
  const { tensors } = await openCheckpoint(folder);
  const kept = [];
  for (const [tensor, stored] of tensors) {
    const data = await readTensor(stored);
    const changed = change(tensor, data, stored.shape);
    if (changed !== undefined) kept.push({ name: tensor, dtype: "float32", shape: stored.shape, data, ...changed });
  }
  await writeSafetensors(join(to, "model.safetensors"), kept as Parameters<typeof writeSafetensors>[1]);
  return to;
}

describe.skipIf(!havePictures)("with the pictures of ../shared/data", () => {
  test("a detector answers as transformers' processor and model, best first, boxes cut to the picture", async () => {
    const { config, results } = await openCase(NAME);
    const { threshold, textThreshold } = config;
    const detector = await open({ threshold, textThreshold, labels: "tokens" });
    const picture = await samplePicture(config.pictures[0]!);
    const found = await detector.detect(picture, config.phrases[0]!);
    const { scores, boxes, labels } = results[0]!;
    const order = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!);
    expect(found.map(({ label }) => label)).toEqual(order.map((i) => labels[i]));
    const close = (ours: number[], theirs: number[]) =>
      expect(relativeDifference(Float32Array.from(ours), Float32Array.from(theirs))).toBeLessThan(1e-5);
    close(
      found.map(({ score }) => score),
      order.map((i) => scores[i]!),
    );
    const limits = [picture.widthPx, picture.heightPx];
    close(
      found.flatMap(({ box: { x0, y0, x1, y1 } }) => [x0, y0, x1, y1]),
      order.flatMap((i) => boxes[i]!.map((v, k) => Math.min(Math.max(v, 0), limits[k % 2]!))),
    );
    expect(await detector.detect(picture, config.phrases[0]!, { threshold: 1 })).toEqual([]);
    await detector.dispose();
  });

  test("float16 weights load and give nearly the same features", async () => {
    const opened = await openCase(NAME);
    const picture = await samplePicture(opened.config.pictures[0]!);
    const ids = await caseIds(opened, 0);
    const half = await changedFolder("half", (_, values) => ({ dtype: "float16", data: float32ToFloat16(values) }));
    const halved = { ...opened, model: await openGroundingDino(half) };
    const programs = await compileCase(halved, false);
    const found = await runCase(halved, programs, picture, ids);
    const expected = await caseTensor(opened, "output.encoderVision", 0);
    const difference = relativeDifference(found["encoderVision"] as Float32Array, expected);
    expect(difference).toBeGreaterThan(1e-6);
    expect(difference).toBeLessThan(1e-2);
    await Promise.all(Object.values(programs).map((program) => program.dispose()));
  });

  test("webgpu agrees with transformers", async ({ skip }) => {
    const webgpu = (await onnxruntimeEngine().providers()).find(({ provider }) => provider === "webgpu");
    if (webgpu?.present !== true) skip(webgpu?.detail ?? "no webgpu");
    const opened = await openCase(NAME);
    const programs = await compileCase(opened, false, onnxruntimeEngine({ provider: "webgpu" }));
    const picture = await samplePicture(opened.config.pictures[0]!);
    const found = await runCase(opened, programs, picture, await caseIds(opened, 0));
    for (const [output, tensor] of [
      ["encoderVision", "output.encoderVision"],
      ["initialBoxes", "output.initialBoxes"],
      ["boxes", "output.boxes"],
    ] as const) {
      const expected = await caseTensor(opened, tensor, 0);
      expect(relativeDifference(found[output] as Float32Array, expected), output).toBeLessThan(1e-3);
    }
    await Promise.all(Object.values(programs).map((program) => program.dispose()));
  });
});

test("regions, several texts and pictures of 1x1 and 8000x6000 pixels", async () => {
  const detector = await open({ threshold: 0.01, sizes: "bucketed", phrasesPerText: 1, overlapIou: 0.9 });
  const region = { x0: 4000, y0: 3000, x1: 4000.4, y1: 3000.4 };
  const inside = await detector.detect(black(8000, 6000), ["a can", "a spoon"], { region });
  expect(inside.length).toBeGreaterThan(0);
  for (const { box, label } of inside) {
    expect(["a can", "a spoon"]).toContain(label);
    expect([box.x0 >= 4000, box.y0 >= 3000, box.x1 <= 4001, box.y1 <= 3001]).toEqual([true, true, true, true]);
  }
  const one = await detector.detect(black(1, 1), ["a can", "a spoon"]);
  // The region is one black pixel too: the same picture, elsewhere.
  expect(one.map(({ score }) => score)).toEqual(inside.map(({ score }) => score));

  const whole = await detector.detect(black(8000, 6000), ["a can"]);
  expect(whole.every(({ box }) => box.x1 <= 8000 && box.y1 <= 6000 && box.x1 > box.x0)).toBe(true);

  await expect(detector.detect(black(4, 4), [])).rejects.toMatchObject({ code: "PVLA_DETECT_PHRASES" });
  await expect(detector.detect(black(4, 4), ["can ".repeat(100)])).rejects.toThrow(/tokens.*needs at most/);
  await expect(
    detector.detect(black(4, 4), ["can"], { region: { x0: 9, y0: 0, x1: 12, y1: 4 } }),
  ).rejects.toMatchObject({ code: "PVLA_DETECT_REGION" });
  await expect(detector.detect({ ...black(4, 4), data: new Uint8Array(3) }, ["can"])).rejects.toMatchObject({
    code: "PVLA_PICTURE",
  });
  await expect(detector.detect(black(4, 4), ["can"], { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: "PVLA_CANCELLED",
  });
  await detector.dispose();
});

test("image settings are also read from where transformers 5 saves a whole processor", async () => {
  const saved = join(scratch, "processor");
  await cp(folder, saved, { recursive: true });
  const settings = JSON.parse(await readFile(join(saved, "preprocessor_config.json"), "utf8")) as object;
  await rm(join(saved, "preprocessor_config.json"));
  await expect(open({ folder: saved })).rejects.toThrow(/no readable preprocessor_config\.json/);
  await writeFile(join(saved, "processor_config.json"), JSON.stringify({ image_processor: settings }));
  expect((await openGroundingDino(saved)).shortestEdge).toBe(104);
});

test("a line of pixels gives too few places to look at", async () => {
  const detector = await open({ shortestEdge: 104, longestEdge: 160 });
  await expect(detector.detect(black(8000, 1), ["can"])).rejects.toMatchObject({ code: "PVLA_DETECT_SIZE" });
  await detector.dispose();
});

test("missing and misshapen tensors, other models and damaged tokenizers are refused when the model is opened", async () => {
  const bias = "model.encoder.layers.0.fusion_layer.attn.text_proj.bias";
  const lacking = await changedFolder("lacking", (name) => (name === bias ? undefined : {}));
  await expect(open({ folder: lacking })).rejects.toThrow(/text_proj\.bias" is missing/);
  const misshapen = await changedFolder("misshapen", (name, values, shape) =>
    name === bias ? { shape: [shape[0]! - 1], data: values.slice(1) } : {},
  );
  await expect(open({ folder: misshapen })).rejects.toThrow(/text_proj\.bias" is \[23\], needs \[24\]/);

  const other = join(scratch, "other");
  await cp(folder, other, { recursive: true });
  await writeFile(join(other, "config.json"), JSON.stringify({ model_type: "sam" }));
  await expect(open({ folder: other })).rejects.toMatchObject({ code: "PVLA_MODEL_FOLDER" });
  await cp(join(folder, "config.json"), join(other, "config.json"));
  await writeFile(join(other, "tokenizer.json"), JSON.stringify({ model: { type: "Nonsense" } }));
  await expect(open({ folder: other })).rejects.toMatchObject({ code: "PVLA_DETECT_TOKENIZER" });
});

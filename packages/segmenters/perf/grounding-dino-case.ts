import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Random, type Program } from "@pixelvla/core";
import { openCheckpoint, bindAllParameters, writeSafetensors } from "@pixelvla/data/checkpoints";
import { onnxruntimeEngine } from "@pixelvla/engines";
import { groundingDinoConfig } from "../src/grounding-dino/config.ts";
import { geometry } from "../src/grounding-dino/geometry.ts";
import { groundingDinoNames } from "../src/grounding-dino/names.ts";
import { detectProgram, imageProgram, textProgram } from "../src/grounding-dino/programs.ts";
import { sineTable } from "../src/grounding-dino/sine-embedding.ts";
import { textTensors } from "../src/grounding-dino/text.ts";
import { writeRandomCheckpoint } from "./random-checkpoint.ts";

export interface GroundingDinoParams {
  readonly size: "tiny" | "base";
  readonly width: number;
  readonly height: number;
  readonly threads: number;
  readonly folder: string;
}

/** "a red can . a robot gripper . a green cube ." in BERT's vocabulary. */
const IDS = [101, 1037, 2417, 2064, 1012, 1037, 8957, 13332, 18620, 1012, 1037, 2665, 14291, 1012, 102];
const LENGTH = 16;

/** Grounding DINO at its real size with random weights: picture, text and detection, one after another. */
export async function groundingDinoSide({ size, width, height, threads, folder }: GroundingDinoParams) {
  const file = new URL(`../test/golden/grounding-dino-${size}.config.json`, import.meta.url);
  const text = await readFile(file, "utf8");
  const config = groundingDinoConfig.parse(JSON.parse(text));
  const canvas = { height, width, pictureHeight: height, pictureWidth: width };
  const programs = {
    image: imageProgram(canvas, config),
    text: textProgram(LENGTH, config),
    detect: detectProgram(canvas, LENGTH, config, { padded: false, inspect: true }),
  };
  const all = Object.values(programs).flatMap((program) => [...program.graph.parameters.values()]);
  await writeRandomCheckpoint(join(folder, "model.safetensors"), all);
  await writeFile(join(folder, "config.json"), text);

  const checkpoint = await openCheckpoint(folder);
  const engine = onnxruntimeEngine({ provider: "cpu", threads });
  const compile = (program: Program) => {
    bindAllParameters(program.graph, checkpoint, groundingDinoNames);
    return engine.compile(program);
  };
  const [image, words, detect] = [
    await compile(programs.image),
    await compile(programs.text),
    await compile(programs.detect),
  ];
  const random = new Random("grounding-dino");
  const pixels = Float32Array.from({ length: 3 * height * width }, () => 2 * random.uniform() - 1);
  const tokens = textTensors(IDS, new Set([101, 102, 1012, 1029]), LENGTH, 0);
  const { valid, ...places } = geometry(canvas, config);
  if (valid.includes(0)) throw new Error("internal: an exact canvas has no padding");
  const textPositions = sineTable(Array.from(tokens.positions, Number), config.d_model, 10000);
  const timesMs = { image: 0, text: 0, detect: 0 };
  const timed = async <T>(part: keyof typeof timesMs, work: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await work();
    timesMs[part] = Math.round(performance.now() - start);
    return result;
  };
  const run = async () => {
    const { ids, positions, attention, mask } = tokens;
    const seen = await timed("image", () => image.run({ pixels }));
    const read = await timed("text", () => words.run({ ids, positions, attention }));
    return timed("detect", () =>
      detect.run({
        ...places,
        vision: seen["features"]!,
        text: read["features"]!,
        textPositions,
        textAttention: attention,
        textMask: mask,
      }),
    );
  };
  const first = await run();
  const tensor = (name: string, data: Float32Array) => ({
    name,
    dtype: "float32" as const,
    shape: [data.length],
    data,
  });
  await writeSafetensors(join(folder, "feeds.safetensors"), [
    tensor("pixels", pixels),
    tensor("ids", Float32Array.from(IDS)),
    tensor("encoderVision", first["encoderVision"] as Float32Array),
  ]);
  return {
    run,
    facts: () => ({ lastImageMs: timesMs.image, lastTextMs: timesMs.text, lastDetectMs: timesMs.detect }),
    close: () => Promise.all([image.dispose(), words.dispose(), detect.dispose()]),
  };
}

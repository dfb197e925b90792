import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Random } from "@pixelvla/core";
import { openCheckpoint, writeSafetensors } from "@pixelvla/data/checkpoints";
import { onnxruntimeEngine } from "@pixelvla/engines";
import { SAM_VARIANTS } from "../src/sam/config.ts";
import { fullMask } from "../src/sam/mask-logits.ts";
import { bindModel } from "../src/model-folder.ts";
import { samDecoderProgram, samEncoderProgram, samNames, type BuiltProgram } from "../src/sam/programs.ts";
import { promptSlots } from "../src/sam/prompt-slots.ts";
import { longestSideFrame } from "../src/image/frame.ts";
import { writeRandomCheckpoint } from "./random-checkpoint.ts";

export interface SamParams {
  readonly size: keyof typeof SAM_VARIANTS;
  /** `encoder`: one picture; `click`: prompt encoder, mask decoder and the mask at 640 x 480, on an encoded picture. */
  readonly part: "encoder" | "click";
  readonly threads: number;
  readonly folder: string;
}

/** SAM at a published size with random weights, which the peer reads from `folder`. */
export async function samSide({ size, part, threads, folder }: SamParams) {
  const config = SAM_VARIANTS[size];
  const encoder = samEncoderProgram(config);
  const decoder = samDecoderProgram(config, 2, false);
  await writeRandomCheckpoint(join(folder, "model.safetensors"), [
    ...encoder.graph.parameters.values(),
    ...decoder.graph.parameters.values(),
  ]);
  // transformers refuses a whole number as the ratio of the MLP, which is its default anyway.
  const vision = { ...config.vision_config, mlp_ratio: undefined };
  await writeFile(join(folder, "config.json"), JSON.stringify({ ...config, vision_config: vision }));
  const checkpoint = await openCheckpoint(folder);
  const engine = onnxruntimeEngine({ provider: "cpu", threads });
  const compile = ({ graph, program }: BuiltProgram) => {
    bindModel(graph, { path: folder, checkpoint, model: size, modelVersion: "random" }, samNames);
    return engine.compile(program);
  };
  const random = new Random("sam");
  const tensor = (name: string, data: Float32Array) => ({
    name,
    dtype: "float32" as const,
    shape: [data.length],
    data,
  });
  if (part === "encoder") {
    const executable = await compile(encoder);
    const pixelValues = Float32Array.from({ length: 3 * 1024 * 1024 }, () => 2 * random.uniform() - 1);
    const run = () => executable.run({ pixelValues });
    const { imageEmbedding } = await run();
    await writeSafetensors(join(folder, "feeds.safetensors"), [
      tensor("pixels", pixelValues),
      tensor("expected", imageEmbedding as Float32Array),
    ]);
    return { run, close: () => executable.dispose() };
  }
  const executable = await compile(decoder);
  const imageEmbedding = Float32Array.from({ length: 4096 * 256 }, () => 2 * random.uniform() - 1);
  const frame = longestSideFrame({ widthPx: 640, heightPx: 480 }, 1024);
  const feeds = { imageEmbedding, ...promptSlots({ points: [{ x: 200, y: 150, isObject: true }] }, frame) };
  const run = async () => {
    const { masks } = await executable.run({ imageEmbedding, points: feeds.points, labels: feeds.labels });
    const low = masks as Float32Array;
    return [1, 2, 3].map((i) =>
      fullMask({ width: 256, height: 256, data: low.subarray(i * 65536, (i + 1) * 65536) }, frame, 0),
    );
  };
  const { masks } = await executable.run({ imageEmbedding, points: feeds.points, labels: feeds.labels });
  await writeSafetensors(join(folder, "feeds.safetensors"), [
    tensor("embedding", imageEmbedding),
    tensor("expected", (masks as Float32Array).slice(65536)),
  ]);
  return { run, close: () => executable.dispose() };
}

// node --conditions=@pixelvla/source --import tsx packages/segmenters/perf/full-size-sam.ts vit-base|vit-large|vit-huge
// One picture and one click at a published size with random weights: seconds and peak memory of this process.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCheckpoint } from "@pixelvla/data/checkpoints";
import { onnxruntimeEngine } from "@pixelvla/engines";
import { bindModel, SAM_VARIANTS, samDecoderProgram, samEncoderProgram, samNames } from "../src/index.ts";
import { writeRandomCheckpoint } from "./random-checkpoint.ts";

const size = process.argv[2] as keyof typeof SAM_VARIANTS;
const folder = await mkdtemp(join(tmpdir(), "pixelvla-sam-"));
try {
  const encoder = samEncoderProgram(SAM_VARIANTS[size]);
  const decoder = samDecoderProgram(SAM_VARIANTS[size], 8, false);
  const parameters = [...encoder.graph.parameters.values(), ...decoder.graph.parameters.values()];
  await writeRandomCheckpoint(join(folder, "model.safetensors"), parameters);
  const checkpoint = await openCheckpoint(folder);
  const engine = onnxruntimeEngine({ provider: "cpu", threads: 2 });
  const start = performance.now();
  const seconds = () => ((performance.now() - start) / 1000).toFixed(1);
  for (const { graph } of [encoder, decoder])
    bindModel(graph, { path: folder, checkpoint, model: size, modelVersion: "random" }, samNames);
  const encode = await engine.compile(encoder.program);
  console.log(`${size}: compiled at ${seconds()} s`);
  const pixelValues = Float32Array.from({ length: 3 * 1024 * 1024 }, (_, i) => Math.sin(i));
  const { imageEmbedding } = await encode.run({ pixelValues });
  console.log(`${size}: picture encoded at ${seconds()} s`);
  await encode.dispose();
  const decode = await engine.compile(decoder.program);
  const { masks } = await decode.run({
    imageEmbedding: imageEmbedding!,
    points: new Float32Array(16).fill(500),
    labels: Float32Array.of(1, -1, -10, -10, -10, -10, -10, -10),
  });
  await decode.dispose();
  const finite = (masks as Float32Array).every(Number.isFinite);
  const peak = /VmHWM:\s+(\d+)/.exec(await readFile("/proc/self/status", "utf8"))?.[1];
  console.log(
    `${size}: clicked at ${seconds()} s, finite: ${finite}, peak memory ${Math.round(Number(peak) / 1024)} MB`,
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}

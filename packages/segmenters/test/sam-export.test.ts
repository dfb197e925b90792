import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onnxruntimeEngine } from "@pixelvla/engines";
import { relativeDifference } from "@pixelvla/testing";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { bindModel, exportSam, openSamFolder, samDecoderProgram, samEncoderProgram, samNames } from "../src/index.ts";

const FOLDER = fileURLToPath(new URL("golden/sam-windowed", import.meta.url));

test("the exported ONNX files run without us and give what the programs give", async () => {
  const out = await mkdtemp(join(tmpdir(), "pixelvla-export-"));
  try {
    const { files } = await exportSam(FOLDER, out, { slots: 4 });
    expect(files.slice(0, 4)).toEqual(["encoder.onnx", "decoder.onnx", "model.safetensors", "signatures.json"]);
    const { folder, config } = await openSamFolder(FOLDER);
    const pixels = Float32Array.from({ length: 3 * 64 * 64 }, (_, i) => Math.sin(i));
    const points = Float32Array.of(20, 30, 0, 0, 0, 0, 0, 0);
    const labels = Float32Array.of(1, -1, -10, -10);

    const plain = (name: string) => InferenceSession.create(join(out, name));
    const encoder = await plain("encoder.onnx");
    const encoded = await encoder.run({ pixelValues: new Tensor("float32", pixels, [1, 3, 64, 64]) });
    const decoder = await plain("decoder.onnx");
    const decoded = await decoder.run({
      imageEmbedding: encoded["imageEmbedding"]!,
      points: new Tensor("float32", points, [4, 2]),
      labels: new Tensor("float32", labels, [4]),
    });
    await encoder.release();
    await decoder.release();

    const run = async (built: ReturnType<typeof samEncoderProgram>, feeds: Record<string, Float32Array>) => {
      bindModel(built.graph, folder, samNames);
      const executable = await onnxruntimeEngine({ provider: "cpu", threads: 1 }).compile(built.program);
      const outputs = await executable.run(feeds);
      await executable.dispose();
      return outputs;
    };
    const { imageEmbedding } = (await run(samEncoderProgram(config), { pixelValues: pixels })) as Record<
      "imageEmbedding",
      Float32Array
    >;
    const { masks } = await run(samDecoderProgram(config, 4, false), { imageEmbedding, points, labels });
    expect(relativeDifference(encoded["imageEmbedding"]!.data as Float32Array, imageEmbedding)).toBeLessThan(1e-5);
    expect(relativeDifference(decoded["masks"]!.data as Float32Array, masks as Float32Array)).toBeLessThan(1e-5);
  } finally {
    await rm(out, { recursive: true, force: true });
  }
});

import { existsSync, readFileSync } from "node:fs";
import { extractProgram, Graph } from "@pixelvla/core";
import { onnxruntimeEngine } from "@pixelvla/engines";
import { expect, test } from "vitest";
import { SAM_VARIANTS } from "../src/sam/config.ts";
import { embedPoints, noMask, SAM_LABEL } from "../src/sam/prompt-encoder.ts";

const MODELS = new URL("../../../../shared/data/models/", import.meta.url);
const FOLDER = new URL("sam-prompt-encoder/", MODELS);

interface Row {
  readonly first4: readonly number[];
  readonly at128: number;
  readonly sum: number;
}

/** Float32 values of a .npy file, or of the one array of an uncompressed .npz. */
function readNumpy(name: string): Float32Array {
  const bytes = readFileSync(new URL(name, FOLDER));
  const start = bytes.indexOf(Buffer.from("\x93NUMPY", "latin1"));
  const headerLength = bytes.readUInt16LE(start + 8);
  const header = bytes.toString("latin1", start + 10, start + 10 + headerLength);
  const count = /\(([\d, ]+)\)/
    .exec(header)![1]!
    .split(",")
    .reduce((n, d) => n * (Number(d) || 1), 1);
  const data = start + 10 + headerLength;
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset + data, bytes.byteOffset + data + 4 * count));
}

test.skipIf(!existsSync(FOLDER))("SAM's real prompt encoder gives the expected embeddings", async () => {
  const config = SAM_VARIANTS["vit-huge"];
  const graph = new Graph();
  const points = graph.input("points", "float32", [5, 2]);
  const labels = graph.input("labels", "float32", [5]);
  const program = extractProgram(graph, {
    sparse: embedPoints(graph, points, labels, config),
    dense: noMask(graph, config),
  });
  const rows = readNumpy("point_embeddings.npz");
  const values = new Map([
    ["prompt_encoder.shared_embedding.positional_embedding", readNumpy("positional_encoding_gaussian_matrix.npy")],
    ["prompt_encoder.not_a_point_embed.weight", readNumpy("not_a_point_embed_weight.npz")],
    ["prompt_encoder.no_mask_embed.weight", readNumpy("no_mask_embed_weight.npz")],
    ...[0, 1, 2, 3].map((i) => [`prompt_encoder.point_embed.${i}.weight`, rows.slice(256 * i, 256 * (i + 1))] as const),
  ]);
  expect([...values.keys()].sort()).toEqual([...graph.parameters.keys()].sort());
  const executable = await onnxruntimeEngine({ provider: "cpu", threads: 1 }).compile(program, { values });
  const { positive, negative, boxTopLeft, boxBottomRight, notAPoint } = SAM_LABEL;
  const { sparse, dense } = (await executable.run({
    points: Float32Array.of(500, 375, 100, 900, 425, 600, 700, 875, 0, 0),
    labels: Float32Array.of(positive, negative, boxTopLeft, boxBottomRight, notAPoint),
  })) as Record<"sparse" | "dense", Float32Array>;
  await executable.dispose();

  const { samPromptEncoder: expected } = JSON.parse(readFileSync(new URL("expected.json", MODELS), "utf8")) as {
    samPromptEncoder: Record<string, Row>;
  };
  const found = [
    ["positivePoint_500_375", sparse.subarray(0, 256)],
    ["negativePoint_100_900", sparse.subarray(256, 512)],
    ["boxCorner0_425_600", sparse.subarray(512, 768)],
    ["boxCorner1_700_875", sparse.subarray(768, 1024)],
    ["padPoint", sparse.subarray(1024, 1280)],
    ["noMask", dense],
  ] as const;
  for (const [name, embedding] of found) {
    const { first4, at128, sum } = expected[name]!;
    first4.forEach((value, i) => expect(embedding[i], name).toBeCloseTo(value, 4));
    expect(embedding[128], name).toBeCloseTo(at128, 4);
    expect(
      embedding.reduce((total, v) => total + v, 0),
      name,
    ).toBeCloseTo(sum, 3);
  }
});

import { readFileSync } from "node:fs";
import { extractProgram, Graph, l1Loss, reshape, type Tensor } from "@pixelvla/core";
import { oftHeadNames } from "@pixelvla/data/checkpoints";
import { onnxruntimeEngine } from "@pixelvla/engines";
import { goldenDifferences, openGolden } from "@pixelvla/testing";
import { expect, test } from "vitest";
import { residualHead } from "../src/continuous.ts";
import { timeFeatures } from "../src/flow-matching.ts";
import { decodeIds, encodeActions } from "../src/index.ts";

const folder = new URL("golden/", import.meta.url);

test("the continuous decoder's head equals OpenVLA-OFT's, its L1 loss and gradients too", async () => {
  const golden = await openGolden(folder, "oft-head");
  const { chunkSize, actionDim, width, hidden, blocks } = golden.json.config as Record<string, number>;
  const states = await golden.read("input.states");
  const B = states.length / (chunkSize! * actionDim! * width!);
  const graph = new Graph();
  const input = graph.input("states", "float32", [B, chunkSize! * actionDim!, width!]);
  const target = graph.input("target", "float32", [B, chunkSize!, actionDim!]);
  const perStep = reshape(input, [B, chunkSize!, actionDim! * width!]);
  const options = { hidden: hidden!, blocks: blocks!, finalMlp: "linear", attention: "block", slots: "zero" } as const;
  const actions: Tensor = graph.within("decoder", () =>
    graph.within("model", () => residualHead(graph, perStep, actionDim!, options)),
  );
  const loss = l1Loss(actions, target);
  const one = {
    ...golden,
    read: (name: string) => (name === "cotangent.loss" ? Promise.resolve(Float32Array.of(1)) : golden.read(name)),
  };
  const tensors = new Map(golden.tensors.tensors).set("cotangent.loss", golden.tensors.tensors.get("output.loss")!);
  const result = await goldenDifferences({
    golden: { ...one, tensors: { source: golden.name, tensors } },
    graph,
    names: oftHeadNames,
    feeds: { states, target: await golden.read("input.target") },
    outputs: { actions, loss },
  });
  for (const { tensor, relative } of result.outputs) expect(relative, tensor).toBeLessThan(2e-4);
  for (const { tensor, relative } of result.gradients) expect(relative, tensor).toBeLessThan(1e-3);
  expect(result.gradients.length).toBe(16);
});

test("time features equal pi0's, computed there in double precision", async () => {
  const golden = await openGolden(folder, "flow-embedding");
  const time = await golden.read("input.time");
  const expected = await golden.read("output.timeFeatures");
  const graph = new Graph();
  const features = timeFeatures(graph, graph.input("time", "float32", [time.length]), expected.length / time.length);
  const executable = await onnxruntimeEngine().compile(extractProgram(graph, { features }), { threads: 1 });
  const result = await executable.run({ time });
  await executable.dispose();
  // float32 angles of up to 1571 rad carry an error of about 1e-4.
  expected.forEach((v, i) => expect(Math.abs((result["features"] as Float32Array)[i]! - v)).toBeLessThan(3e-4));
});

test("action ids and their values equal the recorded table", async () => {
  const golden = JSON.parse(readFileSync(new URL("action-tokens.json", folder), "utf8")) as {
    config: { vocabulary: number };
    values: number[];
    ids: number[];
  };
  // numpy digitised doubles: a value that lies on an edge there may fall one bin lower in float32.
  const graph = new Graph();
  const n = golden.values.length;
  const x = graph.input("x", "float32", [1, n]);
  const ids = encodeActions(graph, x, golden.config.vocabulary);
  const executable = await onnxruntimeEngine().compile(
    extractProgram(graph, { ids, back: decodeIds(graph, ids, golden.config.vocabulary) }),
    { threads: 1 },
  );
  const result = await executable.run({ x: Float32Array.from(golden.values) });
  await executable.dispose();
  const found = [...(result["ids"] as BigInt64Array)].map(Number);
  const onEdge = (v: number) => Math.abs(((v + 1) * 255) / 2 - Math.round(((v + 1) * 255) / 2)) < 1e-5;
  golden.values.forEach((v, i) => {
    if (onEdge(v) && Math.abs(v) < 1) expect(Math.abs(found[i]! - golden.ids[i]!)).toBeLessThanOrEqual(1);
    else expect(found[i], String(v)).toBe(golden.ids[i]);
  });
});

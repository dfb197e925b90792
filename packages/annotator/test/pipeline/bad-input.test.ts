import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { extractProgram, Graph, relu, toOnnx } from "@pixelvla/core";
import { onnxSegmenter } from "@pixelvla/segmenters";
import { afterAll, describe, expect, test } from "vitest";
import type { Cause, Funnel } from "../../src/index.ts";
import { colourRecipe, colourRegistry } from "./colour-models.ts";
import { paintedDataset, type Variant } from "./painted-dataset.ts";
import { runJob } from "./run-job.ts";

// One test for each kind of bad input that a user meets: it is handled, counted under its own cause, and named.

const folder = mkdtempSync(join(tmpdir(), "pixelvla-bad-input-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const roles = (changes: object) => ({ roles: { ...(colourRecipe()["roles"] as object), ...changes } });
const counted = ({ dropped }: Funnel) => dropped.map(({ cause, nDropped }) => [cause, nDropped]);
const detail = ({ dropped }: Funnel) => dropped[0]!.examples[0]!.detail;

async function withModel<T>(content: string, use: (baseUrl: string) => Promise<T>): Promise<T> {
  const server = createServer((_request, response) => {
    const message = { role: "assistant", content };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ id: "1", object: "chat.completion", choices: [{ index: 0, message }] }));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe("a language model", () => {
  const ask = (baseUrl: string, more: object = {}) =>
    roles({
      targetReasoner: { name: "openai-compatible", options: { baseUrl, model: "m", retries: 0, timeoutS: 5, ...more } },
    });

  test("that cannot be reached is reasoner-unreachable, with its address", async () => {
    const recipe = colourRecipe(ask("http://127.0.0.1:9/v1"));
    const { funnel } = await runJob(join(folder, "unreachable"), paintedDataset(2), { recipe });
    expect(counted(funnel)).toEqual([["reasoner-unreachable", 2]]);
    expect(detail(funnel)).toContain("http://127.0.0.1:9/v1");
  });

  test.each<[string, string, Cause, string]>([
    ["lies", '{"object": "purple unicorn"}', "target-unfounded", "purple unicorn"],
    ["talks instead of answering", "Once upon a time there was a block.", "target-unusable", "holds no JSON"],
    ["refuses", "I'm sorry, I cannot help with that.", "target-unusable", "refused"],
    ["sees nothing to grasp", '{"object": null}', "no-target", "nothing to grasp"],
  ])("that %s is counted as such", async (what, content, cause, words) => {
    const { funnel } = await withModel(content, (url) =>
      runJob(join(folder, what), paintedDataset(2), { recipe: colourRecipe(ask(url)) }),
    );
    expect(counted(funnel)).toEqual([[cause, 2]]);
    expect(detail(funnel)).toContain(words);
  });
});

describe("a model file", () => {
  const registry = colourRegistry([onnxSegmenter]);
  const graph = new Graph();
  const x = graph.input("x", "float32", [1, 4]);
  const { bytes } = toOnnx(extractProgram(graph, { y: relu(x) }), { placement: () => "input" });
  const files = { other: join(folder, "other.onnx"), broken: join(folder, "broken.onnx") };
  writeFileSync(files.other, bytes);
  writeFileSync(files.broken, "not a model");

  test.each<[string, { file: string; sha256?: string }, string]>([
    ["of another kind", { file: files.other }, "PVLA_ONNX_SIGNATURE"],
    ["that is no model", { file: files.broken }, "PVLA_ONNX_FILE"],
    ["that is not there", { file: join(folder, "absent.onnx") }, "PVLA_ONNX_FILE"],
    ["with another hash", { file: files.other, sha256: "0".repeat(64) }, "PVLA_MODEL_HASH"],
  ])("%s ends the job before the first episode; the funnel names it", async (what, options, code) => {
    const dir = join(folder, what);
    const recipe = colourRecipe(roles({ segmenter: { name: "onnx-segmenter", options } }));
    await expect(runJob(dir, paintedDataset(2), { recipe, registry })).rejects.toMatchObject({ code });
    const read = (name: string) => readFileSync(join(dir, "results", name), "utf8");
    expect(JSON.parse(read("funnel.json"))).toMatchObject({ nIn: 0, failure: { code } });
    for (const name of ["funnel.txt", "funnel.html"]) expect(read(name)).toContain(code);
  });
});

test("an empty mask is empty-mask", async () => {
  const recipe = colourRecipe(roles({ segmenter: { name: "colour", options: { isEmpty: true } } }));
  const { funnel } = await runJob(join(folder, "empty"), paintedDataset(2), { recipe });
  expect(counted(funnel)).toEqual([["empty-mask", 2]]);
  expect(detail(funnel)).toContain("red block");
});

test.each<[Variant, Cause, string]>([
  ["out-of-view", "not-found", 'no "red block"'],
  ["one-frame", "never-closes", "only one frame"],
  ["never-closes", "never-closes", "13 frames without"],
])("an episode that is %s is counted as %s", async (variant, cause, words) => {
  const { funnel } = await runJob(
    join(folder, variant),
    paintedDataset(2, () => variant),
  );
  expect(counted(funnel)).toEqual([[cause, 2]]);
  expect(detail(funnel)).toContain(words);
});

test("a mask that the tracker cannot take up is not-trackable, and does not count as a broken model", async () => {
  const recipe = colourRecipe({
    ...roles({ tracker: { name: "colour", options: { holdsNothing: true } } }),
    limits: { failuresInARow: 1 },
  });
  const { funnel } = await runJob(join(folder, "untrackable"), paintedDataset(4), { recipe });
  expect(counted(funnel)).toEqual([["not-trackable", 4]]);
  expect(detail(funnel)).toContain("no object to follow");
});

import {
  concat,
  expand,
  Graph,
  mul,
  reshape,
  slice,
  withLinearRule,
  type AttentionRule,
  type PrefixInput,
  type Tensor,
  loraRule,
} from "@pixelvla/core";
import {
  mergeLora,
  openCheckpoint,
  openvlaNames,
  peftNames,
  readTensor,
  type NameMap,
} from "@pixelvla/data/checkpoints";
import { goldenDifferences, openGolden, type Golden, type GoldenDifference } from "@pixelvla/testing";
import { expect, test } from "vitest";
import { llama } from "../src/index.ts";

const OUTPUT = 2e-4;
const GRADIENT = 1e-3;
const folder = new URL("golden/", import.meta.url);

function expectWithin(differences: readonly GoldenDifference[], tolerance: number): void {
  expect(differences.filter((d) => !(d.relative <= tolerance))).toEqual([]);
}

interface LlamaConfig extends Record<string, unknown> {
  width: number;
  layers: number;
  heads: number;
  keyValueHeads: number;
  mlpWidth: number;
  vocabulary: number;
  epsilon: number;
  eos: number;
  patches: number;
  textLength: number;
  chunkSize: number;
  actionDim: number;
}

function tinyLlama(graph: Graph, golden: Golden) {
  const { width, layers, heads, keyValueHeads, mlpWidth, vocabulary, epsilon, textLength } = golden.json
    .config as LlamaConfig;
  const options = llama.options.parse({
    width,
    layers,
    heads,
    keyValueHeads,
    mlpWidth,
    vocabulary,
    epsilon,
    actionVocabulary: 64,
  });
  return graph.within("backbone", () => llama.build(graph, { batch: 2, textLength }, options));
}

function promptOf(graph: Graph, { patches, width, textLength }: LlamaConfig): PrefixInput {
  return {
    vision: graph.input("patches", "float32", [2, patches, width]),
    tokens: graph.input("ids", "int64", [2, textLength]),
    tokenValid: graph.input("textValid", "float32", [2, textLength]),
    inserts: [],
  };
}

async function promptFeeds(golden: Golden) {
  return {
    patches: await golden.read("input.patches"),
    ids: BigInt64Array.from(await golden.read("input.ids"), (v) => BigInt(v)),
    textValid: await golden.read("input.textValid"),
  };
}

test("llama with vision tokens after BOS equals transformers', padding apart", async () => {
  const golden = await openGolden(folder, "openvla-llama");
  const config = golden.json.config as LlamaConfig;
  const graph = new Graph();
  const backbone = tinyLlama(graph, golden);
  const prefix = promptOf(graph, config);
  const { prompt, valid } = backbone.encode(prefix);
  const mask = reshape(valid, [...valid.shape, 1]);
  const outputs = { hidden: mul(prompt, mask), logits: mul(backbone.logits(prompt), mask) };
  const result = await goldenDifferences({
    golden,
    graph,
    names: openvlaNames,
    feeds: await promptFeeds(golden),
    outputs,
    inputGradients: { patches: prefix.vision },
  });
  expectWithin(result.outputs, OUTPUT);
  expectWithin(result.gradients, GRADIENT);
  expect(result.gradients.length).toBeGreaterThan(18);
});

test.each(["full", "block", "causal"] as const)(
  "action slots under rule %s equal the original's window, padding and all",
  async (rule: AttentionRule) => {
    const golden = await openGolden(folder, "openvla-slots");
    const config = golden.json.config as LlamaConfig;
    const graph = new Graph();
    const backbone = tinyLlama(graph, golden);
    const prefix = promptOf(graph, config);
    const slots = config.chunkSize * config.actionDim;
    const stop = backbone.embed(graph.constant("int64", [1, 1], BigInt64Array.of(BigInt(config.eos))));
    const tokens = concat([expand(graph.scalar(0), [2, slots, config.width]), expand(stop, [2, 1, config.width])], 1);
    const { suffix, lastPrompt } = backbone.run(prefix, [{ tokens }], rule);
    const window = concat([reshape(lastPrompt, [2, 1, config.width]), slice(suffix[0]!, 1, 0, slots - 1)], 1);
    const result = await goldenDifferences({
      golden,
      graph,
      names: openvlaNames,
      feeds: await promptFeeds(golden),
      outputs: { window },
      inputGradients: { patches: prefix.vision },
      prefix: `${rule}.`,
    });
    expectWithin(result.outputs, OUTPUT);
    expectWithin(result.gradients, GRADIENT);
    expect(result.gradients.length).toBeGreaterThan(rule === "causal" ? 0 : 18);
  },
);

test("a lora adapter saved by peft gives peft's logits and gradients, and merges to peft's weights", async () => {
  const golden = await openGolden(folder, "llama-lora");
  const config = golden.json.config as LlamaConfig & { rank: number; alpha: number };
  const adapter = await openCheckpoint(new URL("llama-lora.adapter.safetensors", folder).pathname);
  const names: NameMap = (name) => (name.includes(".lora_") ? peftNames(openvlaNames)(name) : openvlaNames(name));
  const merged = {
    ...golden,
    weights: { source: golden.name, tensors: new Map([...golden.weights.tensors, ...adapter.tensors]) },
  };

  const graph = new Graph();
  const lora = { rank: config.rank, alpha: config.alpha, dropout: 0 as const, targets: ["attention", "mlp"] };
  const logits: Tensor = withLinearRule(graph, loraRule(lora, llama.loraTargets), () => {
    const backbone = tinyLlama(graph, golden);
    const ids = graph.input("ids", "int64", [2, config.textLength]);
    // First and last id as the text, the others' embeddings as "vision": together the plain sequence of the golden.
    const prefix: PrefixInput = {
      vision: backbone.embed(slice(ids, 1, 1, -1)),
      tokens: concat([slice(ids, 1, 0, 1), slice(ids, 1, -1)], 1),
      tokenValid: expand(graph.scalar(1), [2, 2]),
      inserts: [],
    };
    return backbone.logits(backbone.encode(prefix).prompt);
  });
  const feeds = { ids: BigInt64Array.from(await golden.read("input.ids"), (v) => BigInt(v)) };
  const result = await goldenDifferences({ golden: merged, graph, names, feeds, outputs: { logits } });
  expectWithin(result.outputs, OUTPUT);
  expectWithin(result.gradients, GRADIENT);
  expect(result.gradients.length).toBe(2 * 7 * config.layers);

  const layer = "language_model.model.layers.0.self_attn.q_proj";
  const read = (name: string) => readTensor(merged.weights.tensors.get(name)!);
  const [w, a, b] = [
    await read(`${layer}.weight`),
    await read(`base_model.model.${layer}.lora_A.weight`),
    await read(`base_model.model.${layer}.lora_B.weight`),
  ];
  const ours = mergeLora(w, a, b, config.rank, config.alpha);
  const theirs = await golden.read(`merged.${layer}.weight`);
  ours.forEach((v, i) => expect(Math.abs(v - theirs[i]!)).toBeLessThan(1e-6));
});

import { readFileSync } from "node:fs";
import { builtinDecoders } from "@pixelvla/decoders";
import { composePolicy, parseRecipe, sizeOf, type ComposedPolicy, type HostArray, type Recipe } from "@pixelvla/core";
import { largestDifference, randomFeeds, runGraph, runGraphs } from "@pixelvla/testing";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { builtinRegistry } from "../src/recipe/registry.ts";

const registry = builtinRegistry();

/** Every decoder in a shipped tiny policy, with chunks of two actions; a new plugin must be added here. */
const POLICIES: Readonly<Record<string, readonly string[]>> = {
  continuous: ["openvla-tiny", "openvla-oft-tiny"],
  "action-tokens": ["openvla-tokens-tiny"],
  "flow-matching": ["pi0-tiny"],
};

test("every decoder is held to this suite", () => {
  expect(builtinDecoders.map(({ name }) => name).sort()).toEqual(Object.keys(POLICIES).sort());
});

const cases = Object.entries(POLICIES).flatMap(([decoder, recipes]) =>
  recipes.map((recipe) => [decoder, recipe] as const),
);

/** `options` are added to the decoder's. Every id a vocabulary of 256 can answer is an action token; one noise a visit. */
function recipeOf(name: string, options: object = {}): Recipe {
  const file = new URL(`../../../recipes/${name}.yaml`, import.meta.url);
  const recipe = parseRecipe(parse(readFileSync(file, "utf8")));
  const { backbone, decoder } = recipe;
  const oneDraw = decoder.name === "flow-matching" ? { draws: 1 } : {};
  const onlyActions = decoder.name === "action-tokens" ? { vocabulary: 256, actionVocabulary: 256 } : {};
  return {
    ...recipe,
    chunkSize: 2,
    backbone: { ...backbone, options: { ...backbone.options, ...onlyActions } },
    decoder: { ...decoder, options: { ...decoder.options, ...oneDraw, ...options } },
  };
}

const compose = (recipe: Recipe, mode: "train" | "predict", batch: number) =>
  composePolicy(recipe, registry, { batch, mode });

/** Feeds of a policy: pictures in [0, 1], prompts of real words, every step inside its episode. */
function feedsOf({ graph, shape }: ComposedPolicy, change: Record<string, HostArray> = {}): Record<string, HostArray> {
  const { batch, textLength, chunkSize } = shape;
  const tokens = BigInt64Array.from({ length: batch * textLength }, (_, i) => BigInt(i % textLength === 0 ? 1 : 8 + i));
  const image = graph.inputs.get("image")!;
  return randomFeeds(graph, {
    tokens,
    tokenValid: new Float32Array(tokens.length).fill(1),
    image: Float32Array.from({ length: sizeOf(image.shape) }, (_, i) => 0.5 + 0.4 * Math.sin(i / 7)),
    actionWeights: new Float32Array(batch * chunkSize).fill(1),
    time: new Float32Array(batch).fill(1),
    ...change,
  });
}

/** Values of every input repeated, so that a batch of two holds one sample twice over. */
const twice = (feeds: Record<string, HostArray>): Record<string, HostArray> =>
  Object.fromEntries(
    Object.entries(feeds).map(([name, values]) => {
      const both = new (values.constructor as Float32ArrayConstructor)(2 * values.length);
      both.set(values as Float32Array);
      both.set(values as Float32Array, values.length);
      return [name, both];
    }),
  );

describe.each(cases)("%s in %s", (decoder, name) => {
  test("predicts a finite chunk [B, Nc, A]; a sample's does not depend on the others of its batch", async () => {
    const recipe = recipeOf(name);
    const [one, two] = [compose(recipe, "predict", 1), compose(recipe, "predict", 2)];
    expect(two.chunk!.shape).toEqual([2, recipe.chunkSize, recipe.actionDim]);
    const feeds = feedsOf(one);
    const pair = twice(feeds);
    (pair["image"] as Float32Array).fill(0.1, feeds["image"]!.length); // another picture in the second sample
    const alone = (await runGraph(one.graph, { chunk: one.chunk! }, feeds))["chunk"]!;
    const together = (await runGraph(two.graph, { chunk: two.chunk! }, pair))["chunk"]!;
    expect(alone.every(Number.isFinite)).toBe(true);
    expect(largestDifference(together.subarray(0, alone.length), alone)).toBeLessThan(1e-5);
  });

  test("training on what it predicts itself finds no error: one pass with teaching and inference agree", async () => {
    // Flow matching: one Euler step from the same noise, and the training time at which that step starts.
    const recipe = recipeOf(name, decoder === "flow-matching" ? { steps: 1 } : {});
    const [predict, train] = [compose(recipe, "predict", 2), compose(recipe, "train", 2)];
    const feeds = feedsOf(predict);
    const { chunk } = await runGraph(predict.graph, { chunk: predict.chunk! }, feeds);
    const other = chunk!.map((value) => (value > 0 ? value - 0.3 : value + 0.3));
    const [own, wrong] = await runGraphs(
      train.graph,
      { l1: train.metrics["l1"]! },
      feedsOf(train, { ...feeds, actions: chunk! }),
      feedsOf(train, { ...feeds, actions: other }),
    );
    expect(own["l1"]![0]).toBeLessThan(1e-5);
    expect(wrong["l1"]![0]).toBeGreaterThan(0.05);
  });

  test("actions past the end of the episode do not count", async () => {
    const recipe = recipeOf(name);
    const train = compose(recipe, "train", 1);
    const actions = Float32Array.from({ length: 2 * recipe.actionDim }, (_, i) => Math.sin(i));
    const other = actions.slice().fill(-0.9, recipe.actionDim); // another second action
    const [first, both] = [Float32Array.of(1, 0), Float32Array.of(1, 1)];
    const results = await runGraphs(
      train.graph,
      { loss: train.loss!, l1: train.metrics["l1"]! },
      feedsOf(train, { actions, actionWeights: first }),
      feedsOf(train, { actions: other, actionWeights: first }),
      feedsOf(train, { actions, actionWeights: both }),
      feedsOf(train, { actions: other, actionWeights: both }),
    );
    const [ended, endedOther, whole, wholeOther] = results.map(({ loss, l1 }) => [loss![0]!, l1![0]!]);
    expect(largestDifference(ended!, endedOther!)).toBeLessThan(1e-5);
    expect(Math.abs(whole![0]! - wholeOther![0]!)).toBeGreaterThan(1e-4);
  });
});

describe("flow matching's draws", () => {
  const train = (draws: number) => compose(recipeOf("pi0-tiny", { draws, state: "fourier" }), "train", 2);
  const outputsOf = ({ loss, metrics }: ComposedPolicy) => ({ loss: loss!, l1: metrics["l1"]! });

  test("three draws of a visit give the mean of what each gives alone", async () => {
    const [one, three] = [train(1), train(3)];
    const noiseShape = three.graph.inputs.get("noise")!.shape;
    const noise = Float32Array.from({ length: sizeOf(noiseShape) }, (_, i) => Math.sin(i * 1.7));
    const time = Float32Array.of(0.9, 0.5, 0.1, 0.8, 0.4, 0.2);
    const perDraw = noise.length / 6;
    const { state, actions } = feedsOf(one) as { state: Float32Array; actions: Float32Array };
    const alone = [0, 1, 2].map((k) => {
      const both = new Float32Array(2 * perDraw);
      for (const sample of [0, 1])
        both.set(noise.subarray((3 * sample + k) * perDraw, (3 * sample + k + 1) * perDraw), sample * perDraw);
      return feedsOf(one, { state, actions, noise: both, time: Float32Array.of(time[k]!, time[3 + k]!) });
    });
    const singles = await runGraphs(one.graph, outputsOf(one), ...alone);
    const joint = await runGraph(three.graph, outputsOf(three), feedsOf(three, { state, actions, noise, time }));
    for (const name of ["loss", "l1"] as const) {
      const mean = singles.reduce((sum, result) => sum + result[name]![0]!, 0) / 3;
      expect(joint[name]![0]).toBeCloseTo(mean, 5);
      expect(new Set(singles.map((result) => result[name]![0]!.toFixed(6))).size).toBe(3);
    }
  });

  test("a Fourier state in a policy that reads no state is refused in one sentence", () => {
    const recipe = { ...recipeOf("pi0-tiny", { state: "fourier" }), stateDim: 0 };
    expect(() => compose(recipe, "train", 1)).toThrow(/state: fourier in a recipe that reads no state/);
  });
});

describe("the continuous decoder's squared error", () => {
  const train = (squared: number[]) => compose(recipeOf("openvla-tiny", { squared }), "train", 1);

  test("is added to L1 for the dimensions that have a weight, and only for those", async () => {
    const [plain, turning] = [train([]), train([0, 0, 0, 0, 0, 2, 0])];
    const actionDim = 7;
    const [near, far] = [new Float32Array(2 * actionDim), new Float32Array(2 * actionDim)];
    for (const step of [0, 1]) far[step * actionDim + 5] = 3; // another turn of the hand, all else alike
    const lossesOf = async (policy: ComposedPolicy) => {
      const outputs = { loss: policy.loss!, ...policy.metrics };
      return runGraphs(policy.graph, outputs, feedsOf(policy, { actions: near }), feedsOf(policy, { actions: far }));
    };
    const [[nearPlain], [nearTurning, farTurning]] = [await lossesOf(plain), await lossesOf(turning)];
    expect(nearTurning["l1"]![0]).toBeCloseTo(nearPlain["l1"]![0]!, 6);
    expect(nearPlain["loss"]![0]).toBe(nearPlain["l1"]![0]);
    for (const result of [nearTurning, farTurning])
      expect(result["loss"]![0]).toBeCloseTo(result["l1"]![0]! + result["squared"]![0]!, 5);
    // (3 - p)^2 - p^2 = 9 - 6 p with |p| well below 3: two of seven dimensions' worth, more than an L1 would grow.
    const growth = (name: string) => farTurning[name]![0]! - nearTurning[name]![0]!;
    expect(growth("squared")).toBeGreaterThan(1.5 * growth("l1"));
  });

  test("needs a weight for every dimension", () => {
    expect(() => train([1])).toThrow(/1 weights in squared.*7, one for each action dimension/s);
  });
});

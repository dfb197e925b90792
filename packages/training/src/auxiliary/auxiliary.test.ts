import { composePolicy, extractProgram, Graph, parseRecipe, sizeOf } from "@pixelvla/core";
import { onnxruntimeEngine, TrainSession } from "@pixelvla/engines";
import { runGraph } from "@pixelvla/testing";
import { describe, expect, test } from "vitest";
import { smallestRecipe } from "../../test/smallest-recipe.ts";
import { checkRecipe } from "../recipe/load-recipe.ts";
import { builtinRegistry } from "../recipe/registry.ts";
import { buildTraining, optimizerConfig } from "../train/build-program.ts";
import { centre, directions } from "./target.ts";

const auxiliary = [{ name: "target" }, { name: "grounding", weight: 0.1 }];

const pi0Parts = {
  backbone: {
    name: "paligemma",
    options: {
      width: 32,
      mlpWidth: 64,
      expertWidth: 32,
      expertMlpWidth: 64,
      layers: 2,
      heads: 2,
      headWidth: 16,
      vocabulary: 256,
      embeddingStd: 0.1,
      annotationsSentinel: 3,
      visualPromptsSentinel: 4,
    },
    tokenizer: { name: "hashed-words", options: { firstId: 8, buckets: 248 } },
  },
  decoder: { name: "flow-matching", options: { paddedActionDim: 7, paddedStateDim: 7 } },
} as const;

const built = (training: Record<string, unknown>, parts: object = {}) => {
  const recipe = checkRecipe({ ...smallestRecipe({ auxiliary, ...training }), ...parts });
  return { recipe, ...buildTraining(recipe, builtinRegistry()) };
};

/** Feeds in which sample i's target lies in the corner of one quarter of the picture and is called by word 10 + i. */
function feedsOf({ program }: ReturnType<typeof built>, empty = false) {
  const feeds: Record<string, Float32Array | BigInt64Array> = {};
  for (const [name, { dtype, shape }] of program.inputs) {
    const count = sizeOf(shape);
    feeds[name] =
      dtype === "int64"
        ? new BigInt64Array(count).fill(9n)
        : Float32Array.from({ length: count }, (_, i) => 0.5 + 0.4 * Math.sin(i * 0.37));
  }
  const words = feeds["targetWords"] as BigInt64Array;
  const mask = (feeds["targetMask"] as Float32Array).fill(0);
  words.fill(-1n);
  for (let i = 0; i < 4 && !empty; i++) {
    words[4 * i] = BigInt(10 + i);
    const corner = 16 * 32 * (i >> 1) + 16 * (i % 2);
    for (let y = 0; y < 4; y++) mask.fill(1, i * 1024 + corner + 32 * y, i * 1024 + corner + 32 * y + 4);
  }
  return feeds;
}

const open = ({ recipe, program, trained }: ReturnType<typeof built>) =>
  TrainSession.create(program, {
    optimizer: { ...optimizerConfig(recipe.training, trained), learningRate: 2e-3, schedule: undefined } as never,
    threads: 1,
    seed: 1,
  });

test.each([
  ["llama", {}],
  ["paligemma with its expert", pi0Parts],
])("the losses teach %s to find, name, centre and attend to the target", async (_name, parts) => {
  const training = built({}, parts);
  const session = await open(training);
  const first = await session.step(feedsOf(training));
  for (let i = 0; i < 120; i++) await session.step(feedsOf(training));
  const { metrics, loss } = await session.evaluate(feedsOf(training));
  await session.dispose();
  const tokens = 4; // 32 px in patches of 16
  expect(first.metrics["target.match"]).toBeGreaterThan(0.5 * Math.log(tokens));
  expect(metrics["target.match"]).toBeLessThan(0.3);
  expect(metrics["target.words"]).toBeLessThan(0.3);
  expect(metrics["target.offset"]).toBeLessThan(0.6 * first.metrics["target.offset"]!);
  expect(metrics["target.shape"]).toBeLessThan(0.7 * first.metrics["target.shape"]!);
  expect(metrics["grounding.onTarget"]).toBeGreaterThan(1.5 * first.metrics["grounding.onTarget"]!);
  expect(loss).toBeCloseTo(metrics["actionLoss"]! + metrics["target"]! + 0.1 * metrics["grounding"]!, 4);
});

test("frames whose target is hidden teach nothing and break nothing", async () => {
  const training = built({});
  const session = await open(training);
  const { metrics, loss, gradients } = await session.evaluate(feedsOf(training, true));
  await session.dispose();
  expect([metrics["target"], metrics["grounding"]]).toEqual([0, 0]);
  expect(loss).toBeCloseTo(metrics["actionLoss"]!, 6);
  expect(Object.values(gradients).every((g) => g.every(Number.isFinite))).toBe(true);
});

test("at inference nothing of them is left: same inputs, same parameters, same chunk", async () => {
  const plain = parseRecipe(smallestRecipe());
  const options = { batch: 1, mode: "predict", withoutPixelParts: true } as const;
  const policy = composePolicy(plain, builtinRegistry(), {
    ...options,
    auxiliary: [{ name: "target", options: {}, weight: 1 }],
  });
  const program = extractProgram(policy.graph, { chunk: policy.chunk! });
  expect([...program.inputs.keys()].filter((name) => name.startsWith("target"))).toEqual([]);
  expect(program.parameters.filter(({ name }) => name.startsWith("auxiliary"))).toEqual([]);
  const executable = await onnxruntimeEngine({ provider: "cpu" }).compile(program, { seed: 1, threads: 1 });
  await executable.dispose();
});

test("pretraining builds the encoders and the losses that can do without the decoder", () => {
  const { program, trained } = built({ objective: "auxiliary" });
  expect(new Set(trained.map(({ name }) => name.split(".")[0]))).toEqual(
    new Set(["visionEncoder", "projector", "backbone", "auxiliary"]),
  );
  expect(trained.filter(({ name }) => name.startsWith("backbone")).map(({ name }) => name)).toEqual([
    "backbone.model.embed_tokens.weight",
  ]);
  expect([...program.inputs.keys()].sort()).toEqual(["image", "targetMask", "targetWords"]);
  expect(() => built({ objective: "auxiliary", auxiliary: [{ name: "grounding" }] })).toThrow(
    /pretraining without an auxiliary loss that can do without the decoder.*training\.auxiliary/,
  );
});

test("grounding on a layer that is not there is refused", () => {
  expect(() => built({ auxiliary: [{ name: "grounding", options: { layer: 7 } }] })).toThrow(
    /found 2 layers of 2 heads|2 layers of 2 heads/,
  );
});

describe("how a mask lies", () => {
  const size = 32;
  const liesOf = async (isInside: (x: number, y: number) => boolean) => {
    const g = new Graph();
    const mask = g.input("mask", "float32", [1, size, size]);
    const values = Float32Array.from({ length: size * size }, (_, i) =>
      isInside((i % size) + 0.5, Math.floor(i / size) + 0.5) ? 1 : 0,
    );
    const lies = directions(g, mask, centre(g, mask, 4, 4), 4, 4);
    return [...(await runGraph(g, { lies }, { mask: values }))["lies"]!].map((v) => Number(v.toFixed(2)));
  };
  /** A box of half sides `a` and `b` about (13, 18), turned by `angle`, y downwards. */
  const box = (a: number, b: number, angle: number) => (x: number, y: number) => {
    const [dx, dy] = [x - 13, y - 18];
    const [u, v] = [dx * Math.cos(angle) + dy * Math.sin(angle), dy * Math.cos(angle) - dx * Math.sin(angle)];
    return Math.abs(u) <= a && Math.abs(v) <= b;
  };

  test("a long object shows twice its angle, wherever it is", async () => {
    const [level, upright, slanted] = [
      await liesOf(box(10, 2, 0)),
      await liesOf(box(10, 2, Math.PI / 2)),
      await liesOf(box(10, 2, Math.PI / 6)),
    ];
    expect(level[0]).toBeGreaterThan(0.9);
    expect(upright[0]).toBeLessThan(-0.9);
    expect(Math.atan2(slanted[1]!, slanted[0]!) / 2).toBeCloseTo(Math.PI / 6, 1);
    expect([level[1], upright[1]]).toEqual([0, 0]);
  });

  test("a square has no long side; its corners show four times its angle", async () => {
    const [level, turned] = [await liesOf(box(8, 8, 0)), await liesOf(box(8, 8, Math.PI / 4))];
    for (const square of [level, turned]) expect(Math.hypot(square[0]!, square[1]!)).toBeLessThan(0.03);
    expect(level[2]).toBeLessThan(-0.1);
    expect(turned[2]).toBeGreaterThan(0.1);
  });

  test("a mask without pixels lies nowhere", async () => {
    expect((await liesOf(() => false)).map(Math.abs)).toEqual([0, 0, 0, 0]);
  });
});

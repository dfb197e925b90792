import { expand, Graph, PolicyInputs, reshape, type DecoderContext, type Tensor } from "@pixelvla/core";
import { paligemma } from "@pixelvla/backbones";
import { pi0Names } from "@pixelvla/data/checkpoints";
import { flowMatching } from "@pixelvla/decoders";
import { linearProjector, siglip } from "@pixelvla/encoders";
import { goldenDifferences, openGolden } from "@pixelvla/testing";
import { expect, test } from "vitest";

const folder = new URL("../../backbones/test/golden/", import.meta.url);

interface Pi0Config extends Record<string, unknown> {
  image: number;
  patch: number;
  vision: { width: number; depth: number; heads: number; mlpWidth: number };
  prefix: { width: number; mlpWidth: number };
  suffix: { width: number; mlpWidth: number };
  depth: number;
  heads: number;
  headDim: number;
  vocabulary: number;
  actionDim: number;
  horizon: number;
}

/** pi0 assembled from our parts, several cameras included, on the golden's weights under openpi's names. */
async function pi0(mode: "train" | "predict") {
  const golden = await openGolden(folder, "pi0");
  const c = golden.json.config as Pi0Config;
  const B = (await golden.read("input.time")).length;
  const cameras = (await golden.read("input.imageValid")).length / B;
  const textLength = (await golden.read("input.ids")).length / B;
  const graph = new Graph();
  const inputs = new PolicyInputs(graph, {
    batch: B,
    imageHeight: c.image,
    imageWidth: c.image,
    textLength,
    promptPoints: 1,
    chunkSize: c.horizon,
    actionDim: c.actionDim,
    stateDim: c.actionDim,
  });

  const images = graph.input("images", "float32", [B * cameras, c.image, c.image, 3]);
  const imageValid = graph.input("imageValid", "float32", [B, cameras]);
  const visionOptions = siglip.options.parse({ image: c.image, patch: c.patch, ...c.vision, taps: [] });
  const features = graph.within("visionEncoder", () => siglip.build(graph, images, visionOptions));
  const projected = graph.within("projector", () =>
    linearProjector.build(graph, features.tokens, linearProjector.options.parse({}), c.prefix.width),
  );
  const n = projected.shape[1]!;
  const vision = reshape(projected, [B, cameras * n, c.prefix.width]);
  const visionValid = reshape(expand(reshape(imageValid, [B, cameras, 1]), [B, cameras, n]), [B, cameras * n]);
  const backboneOptions = paligemma.options.parse({
    width: c.prefix.width,
    mlpWidth: c.prefix.mlpWidth,
    expertWidth: c.suffix.width,
    expertMlpWidth: c.suffix.mlpWidth,
    layers: c.depth,
    heads: c.heads,
    headWidth: c.headDim,
    vocabulary: c.vocabulary,
  });
  const backbone = graph.within("backbone", () => paligemma.build(graph, { batch: B, textLength }, backboneOptions));
  const context: DecoderContext = {
    inputs,
    backbone,
    prefix: { vision, visionValid, tokens: inputs.tokens, tokenValid: inputs.tokenValid, inserts: [] },
    specialTokens: paligemma.specialTokens(backboneOptions),
  };
  const options = flowMatching.options.parse({ paddedActionDim: c.actionDim, paddedStateDim: c.actionDim });
  const outputs: Record<string, Tensor> = graph.within("decoder", () =>
    mode === "train"
      ? { loss: flowMatching.train(graph, context, options).loss }
      : { actions: flowMatching.predict(graph, context, options) },
  );
  const feeds = {
    images: await golden.read("input.image"),
    imageValid: await golden.read("input.imageValid"),
    tokens: BigInt64Array.from(await golden.read("input.ids"), (v) => BigInt(v)),
    tokenValid: await golden.read("input.textValid"),
    state: await golden.read("input.state"),
    actions: await golden.read("input.actions"),
    actionWeights: new Float32Array(B * c.horizon).fill(1),
    noise: await golden.read("input.noise"),
    time: await golden.read("input.time"),
  };
  // The golden's gradients are of the loss itself: a cotangent of one.
  const tensors = new Map(golden.tensors.tensors);
  if (mode === "train") tensors.set("cotangent.loss", tensors.get("output.loss")!);
  const unit = {
    ...golden,
    tensors: { source: golden.name, tensors },
    read: (name: string) => (name === "cotangent.loss" ? Promise.resolve(Float32Array.of(1)) : golden.read(name)),
  };
  return goldenDifferences({ golden: unit, graph, names: pi0Names, feeds, outputs });
}

test("pi0's flow-matching loss and every gradient equal the original's, masked camera and padding included", async () => {
  const { outputs, gradients } = await pi0("train");
  expect(outputs[0]!.relative).toBeLessThan(2e-4);
  expect(gradients.filter((g) => !(g.relative <= 1e-3))).toEqual([]);
  expect(gradients.length).toBeGreaterThan(60);
});

test("ten Euler steps on a cached prompt give the original's actions", async () => {
  const { outputs } = await pi0("predict");
  expect(outputs[0]!.relative).toBeLessThan(2e-4);
});

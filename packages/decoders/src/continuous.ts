import {
  add,
  concat,
  defineActionDecoder,
  expand,
  gelu,
  l1Loss,
  layerNorm,
  linear,
  relu,
  reshape,
  slice,
  type DecoderContext,
  type Graph,
  type Tensor,
} from "@pixelvla/core";
import { z } from "zod";

const options = z.strictObject({
  hidden: z.int().positive().default(4096).describe("Width of the residual blocks"),
  blocks: z.int().nonnegative().default(2).describe("Residual blocks, N_r"),
  finalMlp: z
    .enum(["linear", "gelu-mlp"])
    .default("linear")
    .describe("Last stage: one linear (OpenVLA-OFT) or a two-layer MLP (the paper's text)"),
  attention: z
    .enum(["block", "full", "causal"])
    .default("block")
    .describe("What the action slots see; full is OpenVLA-OFT's"),
  slots: z
    .enum(["zero", "learned"])
    .default("zero")
    .describe("Slot embeddings: zeros as OpenVLA-OFT, or learned (tiny policies from scratch)"),
});

/**
 * Continuous action decoder: one slot per action dimension is appended to the prompt, the slots' hidden states (read one
 * position to the left, as a language model predicts) are joined per time step and mapped by linear, residual blocks and
 * a last stage to the chunk. L1 loss.
 *
 * Source: PixelVLA §4.1 (continuous action decoder), Eq. (4); layer layout and names of OpenVLA-OFT's `L1RegressionActionHead`.
 * Hidden states `[B, Nc * A, D]` -> chunk `[B, Nc, A]`, normalised, not squashed.
 */
export const continuous = defineActionDecoder({
  name: "continuous",
  summary: "Parallel action slots, residual MLP head, L1 (the paper's continuous action decoder).",
  options,
  train(g, context, parsed) {
    const { actions, actionWeights } = context.inputs;
    const chunk = actionChunk(g, context, parsed);
    const { batch, chunkSize } = context.inputs.shape;
    const loss = l1Loss(chunk, actions, reshape(actionWeights, [batch, chunkSize, 1]));
    return { loss, metrics: { l1: loss } };
  },
  predict: (g, context, parsed) => actionChunk(g, context, parsed),
});

function actionChunk(
  g: Graph,
  { inputs, backbone, prefix, specialTokens }: DecoderContext,
  parsed: z.output<typeof options>,
): Tensor {
  const { batch, chunkSize, actionDim } = inputs.shape;
  const width = backbone.suffixWidth;
  const slots = chunkSize * actionDim;
  const slotTokens =
    parsed.slots === "zero"
      ? expand(g.scalar(0), [batch, slots, width])
      : expand(g.parameter("slots", [1, slots, width], { kind: "normal", std: 1 }), [batch, slots, width]);
  const stop = expand(
    reshape(backbone.embed(g.constant("int64", [1], BigInt64Array.of(BigInt(specialTokens.eos)))), [1, 1, width]),
    [batch, 1, width],
  );
  const { suffix, lastPrompt } = backbone.run(prefix, [{ tokens: concat([slotTokens, stop], 1) }], parsed.attention);
  // Next-token alignment: the last prompt token and all slots but the last.
  const states = concat([reshape(lastPrompt, [batch, 1, width]), slice(suffix[0]!, 1, 0, slots - 1)], 1);
  const perStep = reshape(states, [batch, chunkSize, actionDim * width]);
  return g.within("model", () => residualHead(g, perStep, actionDim, parsed));
}

/** LN, linear, ReLU, residual blocks x + ReLU(Linear(LN x)), LN, last stage. */
export function residualHead(
  g: Graph,
  x: Tensor,
  actionDim: number,
  { hidden, blocks, finalMlp }: z.output<typeof options>,
): Tensor {
  let h = relu(linear(g, layerNorm(g, x, "layer_norm1"), hidden, "fc1"));
  for (let i = 0; i < blocks; i++) {
    const block = g.within(`mlp_resnet_blocks.${i}`, () => relu(linear(g, layerNorm(g, h, "ffn.0"), hidden, "ffn.1")));
    h = add(h, block);
  }
  const normed = layerNorm(g, h, "layer_norm2");
  return finalMlp === "linear"
    ? linear(g, normed, actionDim, "fc2")
    : linear(g, gelu(linear(g, normed, hidden, "fc2.0")), actionDim, "fc2.2");
}

import {
  add,
  concat,
  expand,
  gelu,
  gemm,
  greater,
  layerNorm,
  mul,
  reshape,
  slice,
  sub,
  transpose,
  where,
  MASKED_LOGIT,
  type Graph,
  type Tensor,
} from "@pixelvla/core";
import type { MaskDecoderConfig, Sam2Config } from "../config.ts";
import type { EncodedLevels } from "./encoder.ts";
import { feedForward } from "./layers.ts";
import { embedMask, embedPrompts, gridPositions, noMask } from "./prompt-encoder.ts";
import { twoWayTransformer } from "./two-way.ts";

export interface DecoderInputs extends EncodedLevels {
  /** `[1]`: 1 adds the "no memory" embedding (single pictures and first prompts), 0 does not. */
  readonly noMemory: Tensor;
  /** `[1, P, 2]` in the model's pixels, `[1, P]` labels, `[1, P]` 1 for real tokens and 0 for padding. */
  readonly points: Tensor;
  readonly labels: Tensor;
  readonly valid: Tensor;
  /** `[1, S/4, S/4]` logits of a mask prompt. */
  readonly mask?: Tensor | undefined;
}

export interface DecoderOutputs {
  /** `[M, S/4, S/4]` logits of the single-mask token and the multimask tokens. */
  readonly masks: Tensor;
  /** `[M]` estimated IoU of each. */
  readonly iou: Tensor;
  /** `[1]` logit of the object being there. */
  readonly objectScore: Tensor;
  /** `[M, D]` object pointer of each mask; only with `pointers`. */
  readonly pointers?: Tensor;
}

/**
 * Prompt encoder and mask decoder: a click's whole cost. Every token's mask is returned; the choice between them is the
 * caller's (`select-mask.ts`).
 *
 * Source: transformers `Sam2PromptEncoder`, `Sam2MaskDecoder`, and `Sam2VideoModel._single_frame_forward` for the pointers.
 */
export function maskDecoder(g: Graph, inputs: DecoderInputs, config: Sam2Config, pointers: boolean): DecoderOutputs {
  const { width } = config.decoder;
  const [, h, w] = inputs.embedding.shape as [number, number, number];
  const noMemory = g.parameter("no_memory_embedding", [1, 1, width], { kind: "zeros" });
  const prompts = embedPrompts(g, inputs.points, inputs.labels, config);
  const dense = inputs.mask === undefined ? noMask(g, config) : embedMask(g, inputs.mask, config);
  const positions = gridPositions(g, config);
  const flat = reshape(inputs.embedding, [1, h * w, width]);
  const picture = add(flat, add(mul(noMemory, reshape(inputs.noMemory, [1, 1, 1])), dense));

  const decoded = g.within("mask_decoder", () => {
    const own = outputTokens(g, config.decoder); // object score, IoU, masks
    const tokens = concat([reshape(own, [1, own.shape[0]!, width]), prompts], 1);
    const padding = concat([expand(g.scalar(0), [1, own.shape[0]!]), mul(sub(1, inputs.valid), MASKED_LOGIT)], 1);
    const { queries, keys } = g.within("transformer", () =>
      twoWayTransformer(g, tokens, picture, positions, reshape(padding, [1, 1, 1, -1]), config.decoder),
    );
    const row = (index: number) => reshape(slice(queries, 1, index, index + 1), [1, width]);
    const nMasks = config.decoder.nMultimask + 1;
    const maskTokens = Array.from({ length: nMasks }, (_, i) => row(2 + i));
    const upscaled = upscale(g, reshape(keys, [1, h, w, width]), inputs);
    const hyper = maskTokens.map((token, i) =>
      feedForward(g, token, `output_hypernetworks_mlps.${i}`, { hidden: width, output: width / 8, layers: 3 }),
    );
    const logits = gemm(concat(hyper, 0), reshape(upscaled, [16 * h * w, width / 8]), undefined, 0, 1);
    const { iouDepth, iouWidth } = config.decoder;
    const iou = feedForward(g, row(1), "iou_prediction_head", {
      hidden: iouWidth,
      output: nMasks,
      layers: iouDepth,
      sigmoidOutput: true,
    });
    const score = feedForward(g, row(0), "pred_obj_score_head", { hidden: width, output: 1, layers: 3 });
    return { masks: reshape(logits, [nMasks, 4 * h, 4 * w]), iou: reshape(iou, [nMasks]), score, maskTokens };
  });
  const { masks, iou, score, maskTokens } = decoded;
  const outputs = { masks, iou, objectScore: reshape(score, [1]) };
  if (!pointers) return outputs;
  const none = g.parameter("no_object_pointer", [1, width], { kind: "zeros" });
  const projected = feedForward(g, concat(maskTokens, 0), "object_pointer_proj", {
    hidden: width,
    output: width,
    layers: 3,
  });
  return { ...outputs, pointers: where(greater(score, 0), projected, none) };
}

/** `[2 + M, D]`: the learned queries for object score, IoU and each mask. */
function outputTokens(g: Graph, { width, nMultimask }: MaskDecoderConfig): Tensor {
  const token = (name: string, rows: number) =>
    g.parameter(`${name}.weight`, [rows, width], { kind: "normal", std: 0.02 });
  return concat([token("obj_score_token", 1), token("iou_token", 1), token("mask_tokens", nMultimask + 1)], 0);
}

/** `[1, h, w, D]` -> `[1, 4h, 4w, D/8]`, with the finer levels added on the way. */
function upscale(g: Graph, x: Tensor, { highRes0, highRes1 }: EncodedLevels): Tensor {
  const width = x.shape[3]!;
  const half = add(double(g, x, width / 4, "upscale_conv1"), highRes1);
  const normed = gelu(layerNorm(g, half, "upscale_layer_norm", { epsilon: 1e-6 }));
  return gelu(add(double(g, normed, width / 8, "upscale_conv2"), highRes0));
}

/** A transposed 2x2 convolution of stride 2 on channels-last, as one matrix product. */
function double(g: Graph, x: Tensor, outputs: number, name: string): Tensor {
  const [b, h, w, c] = x.shape as [number, number, number, number];
  return g.within(name, () => {
    const weight = g.parameter("weight", [c, outputs, 2, 2], { kind: "uniform", bound: 1 / Math.sqrt(4 * c) });
    const bias = g.parameter("bias", [outputs], { kind: "zeros" });
    const matrix = reshape(transpose(weight, [0, 2, 3, 1]), [c, 4 * outputs]);
    const cells = reshape(gemm(reshape(x, [b * h * w, c]), matrix), [b, h, w, 2, 2, outputs]);
    return add(reshape(transpose(cells, [0, 1, 3, 2, 4, 5]), [b, 2 * h, 2 * w, outputs]), bias);
  });
}

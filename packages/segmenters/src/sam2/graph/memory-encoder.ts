import {
  add,
  conv,
  greater,
  layerNorm,
  linear,
  mul,
  reshape,
  sigmoid,
  sub,
  transpose,
  where,
  cast,
  type Graph,
  type Tensor,
} from "@pixelvla/core";
import type { MemoryConfig, Sam2Config } from "../config.ts";
import { activate, pointwise } from "./layers.ts";

export interface MemoryEncoderInputs {
  /** `[1, h, w, D]`, without the "no memory" embedding. */
  readonly embedding: Tensor;
  /** `[1, S, S]` mask logits. */
  readonly mask: Tensor;
  /** `[1]`: 1 cuts the logits at zero (frames with prompts), 0 takes their sigmoid. */
  readonly binarise: Tensor;
  /** `[1]` logit of the object being there. */
  readonly objectScore: Tensor;
}

/**
 * What is remembered of one object in one frame: its mask, fused with the picture -> memory tokens `[1, h * w, 64]`.
 *
 * Source: transformers `Sam2VideoMemoryEncoder` and `_encode_new_memory`.
 */
export function memoryEncoder(g: Graph, inputs: MemoryEncoderInputs, config: Sam2Config, memory: MemoryConfig): Tensor {
  const { embedding, mask, binarise, objectScore } = inputs;
  const [, h, w, width] = embedding.shape as [number, number, number, number];
  const side = mask.shape[1]!;
  const soft = where(greater(reshape(binarise, [1, 1, 1]), 0), cast(greater(mask, 0), "float32"), sigmoid(mask));
  const scaled = add(mul(soft, memory.maskScale), memory.maskBias);
  const tokens = g.within("memory_encoder", () => {
    const coarse = downsample(g, reshape(scaled, [1, 1, side, side]), memory);
    let x = add(pointwise(g, embedding, width, "feature_projection"), coarse);
    for (let i = 0; i < memory.fuser.layers; i++) {
      x = g.within(`memory_fuser.layers.${i}`, () => fuse(g, x, memory));
    }
    return reshape(pointwise(g, x, memory.width, "projection"), [1, h * w, memory.width]);
  });
  if (!memory.occlusionEmbedding) return tokens;
  const absent = g.parameter("occlusion_spatial_embedding_parameter", [1, memory.width], { kind: "zeros" });
  const isAbsent = sub(1, cast(greater(reshape(objectScore, [1, 1, 1]), 0), "float32"));
  return add(tokens, mul(isAbsent, reshape(absent, [1, 1, memory.width])));
}

/** `[1, 1, S, S]` -> channels-last `[1, h, w, D]`, halving the side and multiplying the channels by four each time. */
function downsample(g: Graph, mask: Tensor, { downsampler }: MemoryConfig): Tensor {
  const { kernel, stride, padding: p, layers, width, activation } = downsampler;
  return g.within("mask_downsampler", () => {
    let x = mask; // [1, C, H, W]
    let last = transpose(mask, [0, 2, 3, 1]);
    for (let i = 0; i < layers; i++) {
      const [inputs, outputs] = [x.shape[1]!, x.shape[1]! * stride ** 2];
      last = g.within(`layers.${i}`, () => {
        const bound = 1 / Math.sqrt(inputs * kernel ** 2);
        const weight = g.parameter("conv.weight", [outputs, inputs, kernel, kernel], { kind: "uniform", bound });
        const bias = g.parameter("conv.bias", [outputs], { kind: "zeros" });
        const convolved = conv(x, weight, bias, { strides: [stride, stride], pads: [p, p, p, p] });
        const normed = layerNorm(g, transpose(convolved, [0, 2, 3, 1]), "layer_norm", { epsilon: 1e-6 });
        return activate(normed, activation);
      });
      x = transpose(last, [0, 3, 1, 2]);
    }
    return pointwise(g, last, width, "final_conv");
  });
}

/** A ConvNeXt block on channels-last. */
function fuse(g: Graph, x: Tensor, { fuser }: MemoryConfig): Tensor {
  const { kernel, padding: p, hidden, activation } = fuser;
  const width = x.shape[3]!;
  const weight = g.parameter("depthwise_conv.weight", [width, 1, kernel, kernel], {
    kind: "uniform",
    bound: 1 / kernel,
  });
  const bias = g.parameter("depthwise_conv.bias", [width], { kind: "zeros" });
  const spread = conv(transpose(x, [0, 3, 1, 2]), weight, bias, { pads: [p, p, p, p], group: width });
  const normed = layerNorm(g, transpose(spread, [0, 2, 3, 1]), "layer_norm", { epsilon: 1e-6 });
  const wide = activate(linear(g, normed, hidden, "pointwise_conv1"), activation);
  const scale = g.parameter("scale", [width], { kind: "constant", value: 1e-6 });
  return add(x, mul(linear(g, wide, width, "pointwise_conv2"), scale));
}

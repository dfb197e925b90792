import {
  add,
  applyRotary,
  concat,
  cos,
  div,
  gather,
  layerNorm,
  linear,
  mergeHeads,
  mul,
  repeatInterleave,
  reshape,
  sin,
  slice,
  splitHeads,
  sub,
  MASKED_LOGIT,
  type Graph,
  type RotaryTables,
  type Tensor,
} from "@pixelvla/core";
import type { MemoryConfig, Sam2Config } from "../config.ts";
import { activate, applyPointwise, attendHeads } from "./layers.ts";
import { axialRotary, halfSplitOrder, sineGrid } from "./positions.ts";

export interface MemoryInputs {
  /** `[1, h, w, D]` of the frame at hand. */
  readonly embedding: Tensor;
  /** `[F, h * w, 64]` memory tokens of F remembered frames. */
  readonly memories: Tensor;
  /** `[F]` int64: row of the temporal code of each. */
  readonly slots: Tensor;
  /**
   * `[P, D]` object pointers, `[P]` their distance in time divided by the longest one, `[P]` 1 real or 0 padding (undefined
   * where all are real).
   */
  readonly pointers: Tensor;
  readonly pointerTimes: Tensor;
  readonly pointerValid: Tensor | undefined;
}

/**
 * The frame's tokens, conditioned on what is remembered of one object: layers of self-attention over the frame and
 * cross-attention over memories and pointers, with axial rotary positions -> `[1, h, w, D]`.
 *
 * Source: transformers `Sam2VideoMemoryAttention` and `_prepare_memory_conditioned_features`.
 */
export function memoryAttention(g: Graph, inputs: MemoryInputs, config: Sam2Config, memory: MemoryConfig): Tensor {
  const { embedding } = inputs;
  const [, h, w, width] = embedding.shape as [number, number, number, number];
  const { layers, heads, downsample, theta } = memory.attention;
  const rotary = axialRotary(g, h, width / downsample / heads, theta);
  const bank = memoryBank(g, inputs, h, memory);
  let x = add(reshape(embedding, [1, h * w, width]), sineGrid(g, h, width, 0.1));
  return g.within("memory_attention", () => {
    for (let i = 0; i < layers; i++) x = g.within(`layers.${i}`, () => layer(g, x, bank, rotary, memory));
    return reshape(layerNorm(g, x, "layer_norm"), embedding.shape);
  });
}

/** Keys and values of cross-attention: frames `[1, F * N, 64]` with rotary positions, pointer pieces `[1, R, 64]` without. */
interface Bank {
  readonly frames: Tensor;
  readonly framePositions: Tensor;
  readonly nFrames: number;
  readonly pieces: Tensor;
  readonly piecePositions: Tensor;
  /** `[1, 1, 1, F * N + R]`, added to the logits. */
  readonly padding: Tensor | undefined;
}

function memoryBank(g: Graph, inputs: MemoryInputs, side: number, memory: MemoryConfig): Bank {
  const { memories, slots, pointers, pointerTimes, pointerValid } = inputs;
  const [nFrames, n, width] = memories.shape as [number, number, number];
  const temporal = g.parameter("memory_temporal_positional_encoding", [memory.nSlots, 1, 1, width], { kind: "zeros" });
  const codes = gather(reshape(temporal, [memory.nSlots, 1, width]), slots, 0); // [F, 1, 64]
  const framePositions = add(codes, sineGrid(g, side, width)); // [F, N, 64]
  // A pointer wider than a memory token is cut into several tokens, which share its position.
  const [nPointers, pointerWidth] = pointers.shape as [number, number];
  const nPieces = pointerWidth / width;
  const positions = pointerPositions(g, pointerTimes, pointerWidth, memory);
  return {
    frames: reshape(memories, [1, nFrames * n, width]),
    framePositions: reshape(framePositions, [1, nFrames * n, width]),
    nFrames,
    pieces: reshape(pointers, [1, nPointers * nPieces, width]),
    piecePositions: reshape(repeatInterleave(positions, 0, nPieces), [1, nPointers * nPieces, width]),
    padding:
      pointerValid === undefined
        ? undefined
        : paddingLogits(g, nFrames * n, repeatInterleave(pointerValid, 0, nPieces)),
  };
}

function paddingLogits(g: Graph, nFrameTokens: number, valid: Tensor): Tensor {
  const frames = g.constant("float32", [nFrameTokens], new Float32Array(nFrameTokens));
  return reshape(concat([frames, mul(sub(1, valid), MASKED_LOGIT)], 0), [1, 1, 1, -1]);
}

/** `[P, 64]` from distances in time: 1-D sine codes of the pointer's width (all sines, then all cosines), projected. */
function pointerPositions(g: Graph, times: Tensor, pointerWidth: number, { pointerTime, width }: MemoryConfig): Tensor {
  const count = times.shape[0]!;
  if (!pointerTime) return g.constant("float32", [count, width], new Float32Array(count * width));
  const half = pointerWidth / 2;
  const divisors = Float32Array.from({ length: half }, (_, j) => 10_000 ** ((2 * Math.floor(j / 2)) / half));
  const angles = div(reshape(times, [count, 1]), g.constant("float32", [1, half], divisors));
  return linear(g, concat([sin(angles), cos(angles)], -1), width, "temporal_positional_encoding_projection_layer");
}

function layer(g: Graph, x: Tensor, bank: Bank, rotary: RotaryTables, memory: MemoryConfig): Tensor {
  const { heads, downsample, mlpWidth, activation } = memory.attention;
  const width = x.shape[2]!;
  const inner = width / downsample;
  const project = (input: Tensor, name: string) => splitHeads(linear(g, input, inner, name), heads);
  const turnable = (input: Tensor, name: string) => splitHeads(halfSplitLinear(g, input, inner, heads, name), heads);

  const own = layerNorm(g, x, "layer_norm1");
  const attended = g.within("self_attn", () => {
    const q = applyRotary(turnable(own, "q_proj"), rotary);
    const k = applyRotary(turnable(own, "k_proj"), rotary);
    return linear(g, mergeHeads(attendHeads(q, k, project(own, "v_proj"))), width, "o_proj");
  });
  const afterOwn = add(x, attended);

  const asking = layerNorm(g, afterOwn, "layer_norm2");
  const crossed = g.within("cross_attn_image", () => {
    const q = applyRotary(turnable(asking, "q_proj"), rotary);
    const placed = concat([add(bank.frames, bank.framePositions), add(bank.pieces, bank.piecePositions)], 1);
    const k = turnFrames(turnable(placed, "k_proj"), bank.nFrames, rotary);
    const v = project(concat([bank.frames, bank.pieces], 1), "v_proj");
    return linear(g, mergeHeads(attendHeads(q, k, v, bank.padding)), width, "o_proj");
  });
  const afterMemory = add(afterOwn, crossed);

  const hidden = activate(linear(g, layerNorm(g, afterMemory, "layer_norm3"), mlpWidth, "linear1"), activation);
  return add(afterMemory, linear(g, hidden, width, "linear2"));
}

/** Turns the frames' keys of `[1, heads, F * N + R, Dh]`, every frame by the same positions; pointers stay. */
function turnFrames(keys: Tensor, nFrames: number, rotary: RotaryTables): Tensor {
  const [, heads, total, headWidth] = keys.shape as [number, number, number, number];
  const n = rotary.cos.shape[2]!;
  const frames = reshape(slice(keys, 2, 0, nFrames * n), [heads, nFrames, n, headWidth]);
  const turned = reshape(applyRotary(frames, rotary), [1, heads, nFrames * n, headWidth]);
  return concat([turned, slice(keys, 2, nFrames * n, total)], 2);
}

/** A linear layer whose output channels come in the order that `applyRotary` needs; weights are reordered when compiling. */
function halfSplitLinear(g: Graph, x: Tensor, outputs: number, heads: number, name: string): Tensor {
  const inputs = x.shape.at(-1)!;
  return g.within(name, () => {
    const order = g.constant("int64", [outputs], halfSplitOrder(heads, outputs / heads));
    const weight = g.parameter("weight", [outputs, inputs], { kind: "uniform", bound: 1 / Math.sqrt(inputs) });
    const bias = g.parameter("bias", [outputs], { kind: "zeros" });
    return applyPointwise(x, [gather(weight, order, 0), gather(bias, order, 0)]);
  });
}

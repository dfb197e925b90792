import { extractProgram, Graph, type Program } from "@pixelvla/core";
import type { MemoryConfig, Sam2Config } from "./config.ts";
import { imageEncoder } from "./graph/encoder.ts";
import { maskDecoder } from "./graph/mask-decoder.ts";
import { memoryAttention } from "./graph/memory-attention.ts";
import { memoryEncoder } from "./graph/memory-encoder.ts";

/** `pixels` `[1, 3, S, S]` -> `highRes0`, `highRes1`, `embedding`. */
export function encoderProgram(config: Sam2Config): Program {
  const g = new Graph();
  const { imageSize: s } = config;
  const { highRes0, highRes1, embedding } = imageEncoder(g, g.input("pixels", "float32", [1, 3, s, s]), config);
  return extractProgram(g, { highRes0, highRes1, embedding });
}

export interface DecoderSizes {
  /** Prompt tokens, padding included. */
  readonly nPrompts: number;
  /** Whether there is a mask prompt. */
  readonly hasMask: boolean;
}

/**
 * Levels, prompt tokens and, with `hasMask`, `mask` `[1, S/4, S/4]` -> `masks`, `iou`, `objectScore` and, for checkpoints with
 * video memory, `pointers`.
 */
export function decoderProgram(config: Sam2Config, { nPrompts, hasMask }: DecoderSizes): Program {
  const g = new Graph();
  const side = gridSide(config);
  const { width } = config.decoder;
  const outputs = maskDecoder(
    g,
    {
      highRes0: g.input("highRes0", "float32", [1, 4 * side, 4 * side, width / 8]),
      highRes1: g.input("highRes1", "float32", [1, 2 * side, 2 * side, width / 4]),
      embedding: g.input("embedding", "float32", [1, side, side, width]),
      noMemory: g.input("noMemory", "float32", [1]),
      points: g.input("points", "float32", [1, nPrompts, 2]),
      labels: g.input("labels", "float32", [1, nPrompts]),
      valid: g.input("valid", "float32", [1, nPrompts]),
      mask: hasMask ? g.input("mask", "float32", [1, 4 * side, 4 * side]) : undefined,
    },
    config,
    config.memory !== undefined,
  );
  const { masks, iou, objectScore } = outputs;
  return extractProgram(g, { masks, iou, objectScore, ...(outputs.pointers && { pointers: outputs.pointers }) });
}

export interface MemorySizes {
  readonly nFrames: number;
  readonly nPointers: number;
  /** Whether some of the pointers are padding. */
  readonly padded: boolean;
}

/** `embedding`, `memories`, `slots`, `pointers`, `pointerTimes` (and `pointerValid` when padded) -> `conditioned`. */
export function memoryAttentionProgram(config: Sam2Config, memory: MemoryConfig, sizes: MemorySizes): Program {
  const g = new Graph();
  const side = gridSide(config);
  const { width } = config.decoder;
  const { nFrames, nPointers, padded } = sizes;
  const conditioned = memoryAttention(
    g,
    {
      embedding: g.input("embedding", "float32", [1, side, side, width]),
      memories: g.input("memories", "float32", [nFrames, side * side, memory.width]),
      slots: g.input("slots", "int64", [nFrames]),
      pointers: g.input("pointers", "float32", [nPointers, width]),
      pointerTimes: g.input("pointerTimes", "float32", [nPointers]),
      pointerValid: padded ? g.input("pointerValid", "float32", [nPointers]) : undefined,
    },
    config,
    memory,
  );
  return extractProgram(g, { conditioned });
}

/** `embedding`, `mask` `[1, S, S]`, `binarise`, `objectScore` -> `memory` `[1, h * w, 64]`. */
export function memoryEncoderProgram(config: Sam2Config, memory: MemoryConfig): Program {
  const g = new Graph();
  const side = gridSide(config);
  const tokens = memoryEncoder(
    g,
    {
      embedding: g.input("embedding", "float32", [1, side, side, config.decoder.width]),
      mask: g.input("mask", "float32", [1, config.imageSize, config.imageSize]),
      binarise: g.input("binarise", "float32", [1]),
      objectScore: g.input("objectScore", "float32", [1]),
    },
    config,
    memory,
  );
  return extractProgram(g, { memory: tokens });
}

/** Side of the coarse grid of tokens. */
export const gridSide = ({ imageSize, prompt }: Sam2Config): number => imageSize / prompt.patchSize;

import { extractProgram, Graph, type Program } from "@pixelvla/core";
import type { NameMap } from "@pixelvla/data/checkpoints";
import { gridSide, type SamConfig } from "./config.ts";
import { buildImageEncoder } from "./image-encoder.ts";
import { buildMaskDecoder } from "./mask-decoder.ts";

/** A graph and the program cut from it. */
export interface BuiltProgram {
  readonly graph: Graph;
  readonly program: Program;
}

/** `pixelValues` `[1, 3, S, S]` -> `imageEmbedding` `[N, C]`. */
export function samEncoderProgram(config: SamConfig): BuiltProgram {
  const graph = new Graph();
  const side = config.vision_config.image_size;
  const pixels = graph.input("pixelValues", "float32", [1, 3, side, side]);
  const imageEmbedding = buildImageEncoder(graph, pixels, config.vision_config);
  return { graph, program: extractProgram(graph, { imageEmbedding }) };
}

/**
 * `imageEmbedding` `[N, C]`, `points` `[P, 2]`, `labels` `[P]` and, if `hasMask`, `maskLogits` `[1, 1, 4 grid, 4 grid]`
 * -> `masks` `[M + 1, 4 grid, 4 grid]` and `scores` `[1, M + 1]`.
 */
export function samDecoderProgram(config: SamConfig, slots: number, hasMask: boolean): BuiltProgram {
  const graph = new Graph();
  const side = gridSide(config.vision_config);
  const embedding = graph.input("imageEmbedding", "float32", [side * side, config.vision_config.output_channels]);
  const points = graph.input("points", "float32", [slots, 2]);
  const labels = graph.input("labels", "float32", [slots]);
  const maskLogits = hasMask ? graph.input("maskLogits", "float32", [1, 1, 4 * side, 4 * side]) : undefined;
  const { masks, scores } = buildMaskDecoder(
    graph,
    { embedding, points, labels, ...(maskLogits === undefined ? {} : { maskLogits }) },
    config,
  );
  return { graph, program: extractProgram(graph, { masks, scores }) };
}

/** Our names are transformers'; the position matrix is tied and saved under either of its names. */
export const samNames: NameMap = (parameter) =>
  parameter === "prompt_encoder.shared_embedding.positional_embedding"
    ? [parameter, "shared_image_embedding.positional_embedding"]
    : [parameter];

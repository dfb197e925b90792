import {
  add,
  div,
  equal,
  gemm,
  greaterOrEqual,
  layerNorm,
  reshape,
  slice,
  transpose,
  where,
  type Graph,
  type Tensor,
} from "@pixelvla/core";
import type { Sam2Config } from "../config.ts";
import { activate, pointwise } from "./layers.ts";
import { fourierFeatures } from "./positions.ts";

/** Labels of prompt tokens: transformers' numbers. */
export const PROMPT_LABEL = { background: 0, object: 1, boxTopLeft: 2, boxBottomRight: 3, notAPoint: -1 } as const;

/** Points `[1, P, 2]` (x, y in the model's pixels) with labels `[1, P]` -> tokens `[1, P, D]`. */
export function embedPrompts(g: Graph, points: Tensor, labels: Tensor, config: Sam2Config): Tensor {
  const { width } = config.prompt;
  const p = labels.shape[1]!;
  return g.within("prompt_encoder", () => {
    const matrix = g.parameter("shared_embedding.positional_embedding", [2, width / 2], { kind: "normal", std: 1 });
    const byLabel = g.parameter("point_embed.weight", [4, width], { kind: "normal", std: 0.02 });
    const noPoint = g.parameter("not_a_point_embed.weight", [1, width], { kind: "normal", std: 0.02 });
    const column = reshape(labels, [1, p, 1]);
    let tokens = fourierFeatures(div(add(points, 0.5), config.imageSize), matrix);
    for (let label = 0; label < 4; label++) {
      tokens = add(tokens, where(equal(column, label), reshape(slice(byLabel, 0, label, label + 1), [1, 1, width]), 0));
    }
    return where(greaterOrEqual(column, 0), tokens, reshape(noPoint, [1, 1, width]));
  });
}

/** The grid's own positions `[1, h * w, D]`, added to the picture's tokens in attention. */
export function gridPositions(g: Graph, config: Sam2Config): Tensor {
  const { width, patchSize } = config.prompt;
  const side = config.imageSize / patchSize;
  const centres = Float32Array.from({ length: side * side * 2 }, (_, i) => {
    const cell = i >> 1;
    return ((i % 2 === 0 ? cell % side : Math.floor(cell / side)) + 0.5) / side;
  });
  const matrix = g.parameter("shared_image_embedding.positional_embedding", [2, width / 2], { kind: "normal", std: 1 });
  return fourierFeatures(g.constant("float32", [1, side * side, 2], centres), matrix);
}

/** The embedding that stands for "no mask prompt", `[1, 1, D]`. */
export function noMask(g: Graph, { prompt: { width } }: Sam2Config): Tensor {
  return g.within("prompt_encoder", () =>
    reshape(g.parameter("no_mask_embed.weight", [1, width], { kind: "normal", std: 0.02 }), [1, 1, width]),
  );
}

/** Dense prompt `[1, h * w, D]`: mask logits `[1, 4h, 4w]` through two halving convolutions. */
export function embedMask(g: Graph, logits: Tensor, config: Sam2Config): Tensor {
  const { width, maskChannels, activation, epsilon } = config.prompt;
  const side = logits.shape[1]!;
  return g.within("prompt_encoder.mask_embed", () => {
    let x = halve(g, reshape(logits, [1, side, side, 1]), maskChannels / 4, "conv1");
    x = activate(layerNorm(g, x, "layer_norm1", { epsilon }), activation);
    x = halve(g, x, maskChannels, "conv2");
    x = activate(layerNorm(g, x, "layer_norm2", { epsilon }), activation);
    return reshape(pointwise(g, x, width, "conv3"), [1, (side / 4) ** 2, width]);
  });
}

/** A 2x2 convolution of stride 2 on channels-last: `[1, H, W, C]` -> `[1, H/2, W/2, O]`. */
function halve(g: Graph, x: Tensor, outputs: number, name: string): Tensor {
  const [b, h, w, c] = x.shape as [number, number, number, number];
  return g.within(name, () => {
    const weight = g.parameter("weight", [outputs, c, 2, 2], { kind: "uniform", bound: 1 / Math.sqrt(4 * c) });
    const bias = g.parameter("bias", [outputs], { kind: "zeros" });
    const cells = transpose(reshape(x, [b, h / 2, 2, w / 2, 2, c]), [0, 1, 3, 5, 2, 4]); // [1, H/2, W/2, C, 2, 2]
    const rows = gemm(reshape(cells, [(b * h * w) / 4, 4 * c]), reshape(weight, [outputs, 4 * c]), bias, 0, 1);
    return reshape(rows, [b, h / 2, w / 2, outputs]);
  });
}

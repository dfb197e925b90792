import {
  add,
  conv,
  defineVisionEncoder,
  groupNorm,
  linear,
  relu,
  reshape,
  transpose,
  type Graph,
  type Tensor,
} from "@pixelvla/core";
import { z } from "zod";
import { normaliseImage } from "./vit.ts";

const options = z.strictObject({
  image: z.int().positive().default(64).describe("Image height and width in px"),
  channels: z
    .array(z.int().positive())
    .min(1)
    .default([32, 64, 128])
    .describe("Channels after each halving of the image"),
  groups: z.int().positive().default(8).describe("Groups of the normalisation"),
  positions: z
    .boolean()
    .default(false)
    .describe(
      "Add a learned map of the token's place (Fourier code of row and column) to tokens and deepest level: backbones only know the order",
    ),
});

/**
 * Small convolutional stem for policies trained from scratch: a stride-2 convolution, group norm and ReLU per entry of
 * `channels`, then one residual convolution. Levels are the maps after each halving, so the pyramid really shrinks.
 */
export const convStem = defineVisionEncoder({
  name: "conv-stem",
  summary: "Stride-2 convolutions for small policies from scratch; 64 px give 8 x 8 tokens.",
  options,
  imageSize: ({ image }) => [image, image],
  build(g, image, { channels, groups, positions }) {
    const b = image.shape[0]!;
    let x = transpose(normaliseImage(g, image, [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]), [0, 3, 1, 2]);
    const levels: Tensor[] = [];
    channels.forEach((width, i) => {
      x = g.within(`stage.${i}`, () => relu(groupNorm(g, conv3x3(g, x, width, 2), groups, "norm")));
      levels.push(transpose(x, [0, 2, 3, 1]));
    });
    const width = channels.at(-1)!;
    x = g.within("residual", () => relu(add(x, groupNorm(g, conv3x3(g, x, width, 1), groups, "norm"))));
    const map = transpose(x, [0, 2, 3, 1]);
    const [, rows, columns] = map.shape as [number, number, number, number];
    const seen = reshape(map, [b, rows * columns, width]);
    if (!positions) return { tokens: seen, levels: [...levels.slice(0, -1), map] };
    const tokens = add(seen, linear(g, placeCode(g, rows, columns), width, "positions"));
    // The deepest level carries the place as a ViT's features do: what is pooled over a mask says where the mask is.
    return { tokens, levels: [...levels.slice(0, -1), reshape(tokens, map.shape)] };
  },
});

/** Frequencies of `placeCode`, in half turns over the image. */
const FREQUENCIES = [0.5, 1, 2, 4];

/** Sine and cosine of each token's row and column at four frequencies: `[1, rows * columns, 16]`. */
function placeCode(g: Graph, rows: number, columns: number): Tensor {
  const values: number[] = [];
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      for (const place of [(2 * row + 1) / rows - 1, (2 * column + 1) / columns - 1])
        for (const frequency of FREQUENCIES)
          values.push(Math.sin(Math.PI * frequency * place), Math.cos(Math.PI * frequency * place));
  return g.constant("float32", [1, rows * columns, values.length / (rows * columns)], Float32Array.from(values));
}

function conv3x3(g: Graph, x: Tensor, width: number, stride: number): Tensor {
  const channels = x.shape[1]!;
  const weight = g.parameter("conv.weight", [width, channels, 3, 3], {
    kind: "normal",
    std: Math.sqrt(2 / (9 * channels)),
  });
  const bias = g.parameter("conv.bias", [width], { kind: "zeros" });
  return conv(x, weight, bias, { strides: [stride, stride], pads: [1, 1, 1, 1] });
}

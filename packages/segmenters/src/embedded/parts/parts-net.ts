import { add, concat, conv, convTranspose, relu, type Graph, type Tensor } from "@pixelvla/core";
import { PART_LABELS } from "./part-labels.ts";

/** Side of the square picture the network looks at, pixels. */
export const PARTS_INPUT_PX = 224;
/** Side of its label map, pixels. */
export const PARTS_OUTPUT_PX = 112;

/** Channels at 1/2, 1/4, 1/8 and 1/16 of the picture. */
const WIDTHS = [16, 32, 48, 64] as const;

/**
 * The small U-shaped network that says which part of a tabletop scene every pixel belongs to: four levels, one or two 3 x 3
 * convolutions each, dilated at the deepest so that every output sees the whole picture, and back up with skips.
 *
 * @param image `[B, 3, 224, 224]`, RGB in [0, 1]
 * @returns logits `[B, C, 112, 112]`, C = the number of `PART_LABELS`
 */
export function partsNet(g: Graph, image: Tensor): Tensor {
  const centred = add(image, -0.5);
  let x = layer(g, "stem", centred, WIDTHS[0], { kernel: 5, stride: 2 });
  const skips: Tensor[] = [];
  x = layer(g, "down0", x, WIDTHS[0]);
  for (const level of [1, 2, 3] as const) {
    skips.push(x);
    x = layer(g, `down${level}.half`, x, WIDTHS[level], { stride: 2 });
    x = layer(g, `down${level}`, x, WIDTHS[level]);
  }
  for (const dilation of [2, 4, 1]) x = add(x, layer(g, `deep${dilation}`, x, WIDTHS[3], { dilation }));
  for (const level of [2, 1, 0] as const) {
    x = up(g, `up${level}.double`, x, WIDTHS[level]);
    x = layer(g, `up${level}`, concat([x, skips[level]!], 1), WIDTHS[level]);
  }
  return kernel(g, "labels", x, PART_LABELS.length, 1);
}

/** `[B, I, H, W]` -> `[B, O, H / stride, W / stride]`, rectified. */
function layer(
  g: Graph,
  name: string,
  x: Tensor,
  channels: number,
  { kernel: size = 3, stride = 1, dilation = 1 } = {},
): Tensor {
  return relu(kernel(g, name, x, channels, size, stride, dilation));
}

function kernel(g: Graph, name: string, x: Tensor, channels: number, size: number, stride = 1, dilation = 1): Tensor {
  const inputs = x.shape[1]!;
  const std = Math.sqrt(2 / (inputs * size * size));
  const weight = g.parameter(`${name}.weight`, [channels, inputs, size, size], { kind: "normal", std });
  const bias = g.parameter(`${name}.bias`, [channels], { kind: "zeros" });
  const pad = dilation * ((size - 1) / 2);
  return conv(x, weight, bias, {
    strides: [stride, stride],
    pads: [pad, pad, stride === 2 ? pad : pad, pad],
    dilations: [dilation, dilation],
  });
}

/** `[B, I, H, W]` -> `[B, O, 2 H, 2 W]`, rectified. */
function up(g: Graph, name: string, x: Tensor, channels: number): Tensor {
  const inputs = x.shape[1]!;
  const std = Math.sqrt(2 / inputs);
  const weight = g.parameter(`${name}.weight`, [inputs, channels, 2, 2], { kind: "normal", std });
  const bias = g.parameter(`${name}.bias`, [channels], { kind: "zeros" });
  return relu(convTranspose(x, weight, bias, { strides: [2, 2] }));
}

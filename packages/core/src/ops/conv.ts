import { defineOperator, operatorMismatch } from "../graph/operator.ts";
import { formatShape, sizeOf } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { concat } from "./concat.ts";
import { convTranspose } from "./conv-transpose.ts";
import { reduceSum } from "./reduce-sum.ts";
import { slice } from "./slice.ts";
import { transpose } from "./transpose.ts";

/** Geometry of a 2-D convolution: `pads` are top, left, bottom, right. */
export interface ConvAttributes extends Record<string, number | readonly number[]> {
  readonly strides: readonly number[];
  readonly pads: readonly number[];
  readonly dilations: readonly number[];
  readonly group: number;
}

export const convOperator = defineOperator<{
  strides: readonly number[];
  pads: readonly number[];
  dilations: readonly number[];
  group: number;
}>({
  name: "Conv",
  summary: "2-D cross-correlation: [B, C, H, W] with kernels [O, C / groups, kh, kw] and bias [O].",
  attributes: { strides: "ints", pads: "ints", dilations: "ints", group: "int" },
  infer([x, w], { strides, pads, dilations, group }) {
    if (x?.shape.length !== 4 || w?.shape.length !== 4)
      throw operatorMismatch("tensors that are not 4-D", "[B, C, H, W] and [O, C/groups, kh, kw]");
    const [b, c, h, wd] = x.shape as [number, number, number, number];
    const [o, cg, kh, kw] = w.shape as [number, number, number, number];
    if (c !== cg * group || o % group !== 0) {
      throw operatorMismatch(
        `${c} channels, ${group} groups, kernels ${formatShape(w.shape)}`,
        "channels = groups x kernel channels",
      );
    }
    const out = (size: number, k: number, i: number) =>
      Math.floor((size + pads[i]! + pads[i + 2]! - dilations[i]! * (k - 1) - 1) / strides[i]!) + 1;
    return [{ dtype: x.dtype, shape: [b, o, out(h, kh, 0), out(wd, kw, 1)] }];
  },
  gradient: ({ inputs, outputGradients, attributes, needs }) => {
    const [x, w, bias] = inputs as [Tensor, Tensor, Tensor | undefined];
    const dy = outputGradients[0]!;
    return [
      needs(0) ? inputGradient(x, w, dy, attributes) : undefined,
      needs(1) ? kernelGradient(x, w, dy, attributes) : undefined,
      bias !== undefined && needs(2) ? reduceSum(dy, [0, 2, 3]) : undefined,
    ];
  },
  flops: ([, w], [y]) => 2 * sizeOf(y!.shape) * sizeOf(w!.shape.slice(1)),
});

/** Transposed convolution of the output gradient; output padding recovers rows and columns the stride skipped. */
function inputGradient(x: Tensor, w: Tensor, dy: Tensor, { strides, pads, dilations, group }: ConvAttributes): Tensor {
  const covered = (i: number) =>
    (dy.shape[2 + i]! - 1) * strides[i]! + dilations[i]! * (w.shape[2 + i]! - 1) + 1 - pads[i]! - pads[i + 2]!;
  const outputPadding = [x.shape[2]! - covered(0), x.shape[3]! - covered(1)];
  return convTranspose(dy, w, undefined, { strides, pads, dilations, group, outputPadding });
}

/** Correlates input with output gradient, batch as channels: stride and dilation trade places. */
function kernelGradient(x: Tensor, w: Tensor, dy: Tensor, { strides, pads, dilations, group }: ConvAttributes): Tensor {
  const [o, cg, kh, kw] = w.shape as [number, number, number, number];
  const og = o / group;
  const parts = Array.from({ length: group }, (_, g) => {
    const xs = transpose(slice(x, 1, g * cg, (g + 1) * cg), [1, 0, 2, 3]); // [C/g, B, H, W]
    const ds = transpose(slice(dy, 1, g * og, (g + 1) * og), [1, 0, 2, 3]); // [O/g, B, Ho, Wo]
    const full = conv(xs, ds, undefined, { strides: dilations, dilations: strides, pads, group: 1 }); // [C/g, O/g, >=kh, >=kw]
    return transpose(slice(slice(full, 2, 0, kh), 3, 0, kw), [1, 0, 2, 3]);
  });
  return concat(parts, 0);
}

/** 2-D convolution; see `ConvAttributes` for the geometry. `bias` is `[O]`. */
export function conv(x: Tensor, w: Tensor, bias: Tensor | undefined, attributes: Partial<ConvAttributes> = {}): Tensor {
  const { strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1 } = attributes;
  const inputs = bias === undefined ? [x, w] : [x, w, bias];
  return x.graph.emit(convOperator, inputs, { strides, pads, dilations, group })[0]!;
}

import { defineOperator, operatorMismatch } from "../graph/operator.ts";
import { formatShape, sizeOf } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { concat } from "./concat.ts";
import { conv, type ConvAttributes } from "./conv.ts";
import { reduceSum } from "./reduce-sum.ts";
import { slice } from "./slice.ts";
import { transpose } from "./transpose.ts";

interface ConvTransposeOptions extends Partial<ConvAttributes> {
  /** Rows and columns added at the bottom and right. */
  readonly outputPadding?: readonly number[];
}

export const convTransposeOperator = defineOperator<{
  strides: readonly number[];
  pads: readonly number[];
  dilations: readonly number[];
  group: number;
  output_padding: readonly number[];
}>({
  name: "ConvTranspose",
  summary: "Transpose of 2-D cross-correlation: [B, C, H, W] with kernels [C, O / groups, kh, kw] and bias [O].",
  attributes: { strides: "ints", pads: "ints", dilations: "ints", group: "int", output_padding: "ints" },
  infer([x, w], { strides, pads, dilations, group, output_padding }) {
    if (x?.shape.length !== 4 || w?.shape.length !== 4 || x.shape[1] !== w.shape[0]) {
      throw operatorMismatch(
        `input ${formatShape(x?.shape ?? [])}, kernels ${formatShape(w?.shape ?? [])}`,
        "[B, C, H, W] and [C, O/groups, kh, kw]",
      );
    }
    const out = (i: number) =>
      (x.shape[2 + i]! - 1) * strides[i]! +
      dilations[i]! * (w.shape[2 + i]! - 1) +
      1 -
      pads[i]! -
      pads[i + 2]! +
      output_padding[i]!;
    return [{ dtype: x.dtype, shape: [x.shape[0]!, w.shape[1]! * group, out(0), out(1)] }];
  },
  gradient: ({ inputs, outputGradients, attributes, needs }) => {
    const [x, w, bias] = inputs as [Tensor, Tensor, Tensor | undefined];
    const dy = outputGradients[0]!;
    const { strides, dilations, group } = attributes;
    return [
      needs(0)
        ? conv(dy, w, undefined, { strides, pads: coveringPads(x, w, dy, attributes), dilations, group })
        : undefined,
      needs(1) ? kernelGradient(x, w, dy, attributes) : undefined,
      bias !== undefined && needs(2) ? reduceSum(dy, [0, 2, 3]) : undefined,
    ];
  },
  flops: ([x, w]) => 2 * sizeOf(x!.shape) * sizeOf(w!.shape.slice(1)),
});

/** The same pads; output padding rows touch no input, so the convolution back simply does not reach them. */
function coveringPads(x: Tensor, w: Tensor, dy: Tensor, { strides, pads, dilations }: ConvAttributes): number[] {
  const excess = (i: number) => {
    const reach = (x.shape[2 + i]! - 1) * strides[i]! + dilations[i]! * (w.shape[2 + i]! - 1) + 1;
    return reach - pads[i]! - dy.shape[2 + i]!;
  };
  return [pads[0]!, pads[1]!, Math.max(0, excess(0)), Math.max(0, excess(1))];
}

function kernelGradient(x: Tensor, w: Tensor, dy: Tensor, attributes: ConvAttributes): Tensor {
  const { strides, dilations, group } = attributes;
  const [c, og, kh, kw] = w.shape as [number, number, number, number];
  const cg = c / group;
  const pads = coveringPads(x, w, dy, attributes);
  const parts = Array.from({ length: group }, (_, g) => {
    const ds = transpose(slice(dy, 1, g * og, (g + 1) * og), [1, 0, 2, 3]); // [O/g, B, Ho, Wo]
    const xs = transpose(slice(x, 1, g * cg, (g + 1) * cg), [1, 0, 2, 3]); // [C/g, B, H, W]
    const full = conv(ds, xs, undefined, { strides: dilations, dilations: strides, pads, group: 1 }); // [O/g, C/g, >=kh, >=kw]
    return transpose(slice(slice(full, 2, 0, kh), 3, 0, kw), [1, 0, 2, 3]);
  });
  return concat(parts, 0);
}

/** 2-D transposed convolution; kernels are `[C, O / groups, kh, kw]`. */
export function convTranspose(
  x: Tensor,
  w: Tensor,
  bias: Tensor | undefined,
  options: ConvTransposeOptions = {},
): Tensor {
  const { strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1, outputPadding = [0, 0] } = options;
  const inputs = bias === undefined ? [x, w] : [x, w, bias];
  return x.graph.emit(convTransposeOperator, inputs, {
    strides,
    pads,
    dilations,
    group,
    output_padding: outputPadding,
  })[0]!;
}

import { concat, reverse, slice, transpose, type Tensor4D } from "@tensorflow/tfjs-core";
import type { Kernel } from "../kernel.ts";
import { convolve, insertZeros, padOrCrop, type ConvGeometry } from "../convolve.ts";

export const convTransposeKernel: Kernel = {
  operator: "ConvTranspose",
  run({ inputs, attributes }) {
    const [x, w, bias] = inputs as [Tensor4D, Tensor4D, Tensor4D | undefined];
    const { strides, pads, dilations, group, output_padding } = attributes as unknown as ConvGeometry & {
      readonly output_padding: readonly number[];
    };
    const spread = insertZeros(insertZeros(x, 2, strides[0]!), 3, strides[1]!);
    // The convolution's full border, less the padding that the forward convolution would have had.
    const reach = (i: number) => dilations[i]! * (w.shape[2 + i]! - 1);
    const border = [0, 1].map((i) => [reach(i) - pads[i]!, reach(i) - pads[i + 2]! + output_padding[i]!] as const);
    const framed = border.reduce<Tensor4D>((t, [before, after], i) => padOrCrop(t, 2 + i, before, after), spread);
    const perGroup = w.shape[0] / group;
    const kernels = Array.from({ length: group }, (_, g) =>
      transpose(slice(w, [g * perGroup, 0, 0, 0], [perGroup, ...w.shape.slice(1)]), [1, 0, 2, 3]),
    );
    const flipped = reverse(concat(kernels, 0), [2, 3]);
    return convolve(framed, flipped, bias, { strides: [1, 1], pads: [0, 0, 0, 0], dilations, group });
  },
};

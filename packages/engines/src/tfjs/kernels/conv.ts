import { type Tensor4D } from "@tensorflow/tfjs-core";
import type { Kernel } from "../kernel.ts";
import { convolve, type ConvGeometry } from "../convolve.ts";

export const convKernel: Kernel = {
  operator: "Conv",
  run({ inputs, attributes }) {
    const [x, w, bias] = inputs as [Tensor4D, Tensor4D, Tensor4D | undefined];
    return convolve(x, w, bias, attributes as unknown as ConvGeometry);
  },
};

import { slice, stridedSlice } from "@tensorflow/tfjs-core";
import type { Kernel } from "../kernel.ts";

export const sliceKernel: Kernel = {
  operator: "Slice",
  run({ inputs, attributes }) {
    const x = inputs[0]!;
    const { axis, start, end, step } = attributes as Record<"axis" | "start" | "end" | "step", number>;
    const begin = x.shape.map((_, i) => (i === axis ? start : 0));
    const stop = x.shape.map((dim, i) => (i === axis ? end : dim));
    if (step === 1) {
      return slice(
        x,
        begin,
        stop.map((e, i) => e - begin[i]!),
      );
    }
    return stridedSlice(
      x,
      begin,
      stop,
      x.shape.map((_, i) => (i === axis ? step : 1)),
    );
  },
};

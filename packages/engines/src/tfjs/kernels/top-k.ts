import { topk, transpose } from "@tensorflow/tfjs-core";
import type { Kernel } from "../kernel.ts";

export const topKKernel: Kernel = {
  operator: "TopK",
  run({ inputs, attributes }) {
    const x = inputs[0]!;
    const axis = attributes["axis"] as number;
    // tfjs looks along the last axis only; swapping two axes undoes itself.
    const swapped = [...x.shape.keys()].map((i) => (i === axis ? x.rank - 1 : i === x.rank - 1 ? axis : i));
    const { values, indices } = topk(transpose(x, swapped), attributes["k"] as number, true);
    return [transpose(values, swapped), transpose(indices, swapped)];
  },
};

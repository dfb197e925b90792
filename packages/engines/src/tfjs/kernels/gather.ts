import { gather } from "@tensorflow/tfjs-core";
import type { Kernel } from "../kernel.ts";
import { positiveIndices } from "../index-tensors.ts";

export const gatherKernel: Kernel = {
  operator: "Gather",
  run({ inputs, attributes }) {
    const axis = attributes["axis"] as number;
    const x = inputs[0]!;
    return gather(x, positiveIndices(inputs[1]!, x.shape[axis]!), axis);
  },
};

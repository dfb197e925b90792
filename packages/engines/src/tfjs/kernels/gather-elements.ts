import { gatherND } from "@tensorflow/tfjs-core";
import type { Kernel } from "../kernel.ts";
import { elementCoordinates } from "../index-tensors.ts";

export const gatherElementsKernel: Kernel = {
  operator: "GatherElements",
  run({ inputs, attributes }) {
    return gatherND(inputs[0]!, elementCoordinates(inputs[1]!, inputs[0]!.shape, attributes["axis"] as number));
  },
};

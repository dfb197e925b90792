import { cast } from "@tensorflow/tfjs-core";
import type { Kernel } from "../kernel.ts";
import { tfjsDtype } from "../tfjs-dtype.ts";

export const castKernel: Kernel = {
  operator: "Cast",
  run: ({ inputs, outputTypes }) => cast(inputs[0]!, tfjsDtype(outputTypes[0]!.dtype)),
};

import { argMax, reshape } from "@tensorflow/tfjs-core";
import type { Kernel } from "../kernel.ts";

export const argMaxKernel: Kernel = {
  operator: "ArgMax",
  run: ({ inputs, attributes, outputTypes }) =>
    reshape(argMax(inputs[0]!, attributes["axis"] as number), [...outputTypes[0]!.shape]),
};

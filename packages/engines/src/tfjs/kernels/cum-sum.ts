import { cumsum } from "@tensorflow/tfjs-core";
import type { Kernel } from "../kernel.ts";

export const cumSumKernel: Kernel = {
  operator: "CumSum",
  run: ({ inputs, attributes }) =>
    cumsum(inputs[0]!, attributes["axis"] as number, attributes["exclusive"] === 1, attributes["reverse"] === 1),
};

import { transpose } from "@tensorflow/tfjs-core";
import type { Kernel } from "../kernel.ts";

export const transposeKernel: Kernel = {
  operator: "Transpose",
  run: ({ inputs, attributes }) => transpose(inputs[0]!, [...(attributes["perm"] as number[])]),
};

import { reshape } from "@tensorflow/tfjs-core";
import type { Kernel } from "../kernel.ts";

export const reshapeKernel: Kernel = {
  operator: "Reshape",
  run: ({ inputs, attributes }) => reshape(inputs[0]!, [...(attributes["shape"] as number[])]),
};

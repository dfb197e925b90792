import { concat, type Tensor } from "@tensorflow/tfjs-core";
import type { Kernel } from "../kernel.ts";

export const concatKernel: Kernel = {
  operator: "Concat",
  run: ({ inputs, attributes }) => concat(inputs as Tensor[], attributes["axis"] as number),
};

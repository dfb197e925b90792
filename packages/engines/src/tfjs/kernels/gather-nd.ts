import { gatherND } from "@tensorflow/tfjs-core";
import type { Kernel } from "../kernel.ts";

export const gatherNDKernel: Kernel = {
  operator: "GatherND",
  run: ({ inputs }) => gatherND(inputs[0]!, inputs[1]!),
};

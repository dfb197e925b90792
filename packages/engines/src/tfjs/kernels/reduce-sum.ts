import { sum } from "@tensorflow/tfjs-core";
import { reductionKernel } from "../kernel.ts";

export const reduceSumKernel = reductionKernel("ReduceSum", (x, axes, keepDims) => sum(x, axes, keepDims));

import { mean } from "@tensorflow/tfjs-core";
import { reductionKernel } from "../kernel.ts";

export const reduceMeanKernel = reductionKernel("ReduceMean", (x, axes, keepDims) => mean(x, axes, keepDims));

import { max } from "@tensorflow/tfjs-core";
import { reductionKernel } from "../kernel.ts";

export const reduceMaxKernel = reductionKernel("ReduceMax", (x, axes, keepDims) => max(x, axes, keepDims));

import { neg } from "@tensorflow/tfjs-core";
import { unaryKernel } from "../kernel.ts";

export const negKernel = unaryKernel("Neg", (x) => neg(x));

import { softplus } from "@tensorflow/tfjs-core";
import { unaryKernel } from "../kernel.ts";

export const softplusKernel = unaryKernel("Softplus", (x) => softplus(x));

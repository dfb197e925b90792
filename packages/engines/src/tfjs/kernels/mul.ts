import { mul } from "@tensorflow/tfjs-core";
import { binaryKernel } from "../kernel.ts";

export const mulKernel = binaryKernel("Mul", (a, b) => mul(a, b));

import { minimum } from "@tensorflow/tfjs-core";
import { binaryKernel } from "../kernel.ts";

export const minKernel = binaryKernel("Min", (a, b) => minimum(a, b));

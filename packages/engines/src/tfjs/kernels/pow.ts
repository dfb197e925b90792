import { pow } from "@tensorflow/tfjs-core";
import { binaryKernel } from "../kernel.ts";

export const powKernel = binaryKernel("Pow", (a, b) => pow(a, b));

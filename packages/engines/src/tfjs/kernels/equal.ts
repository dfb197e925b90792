import { equal } from "@tensorflow/tfjs-core";
import { binaryKernel } from "../kernel.ts";

export const equalKernel = binaryKernel("Equal", (a, b) => equal(a, b));

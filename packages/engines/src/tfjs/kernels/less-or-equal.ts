import { lessEqual } from "@tensorflow/tfjs-core";
import { binaryKernel } from "../kernel.ts";

export const lessOrEqualKernel = binaryKernel("LessOrEqual", (a, b) => lessEqual(a, b));

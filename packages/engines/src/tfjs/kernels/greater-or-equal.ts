import { greaterEqual } from "@tensorflow/tfjs-core";
import { binaryKernel } from "../kernel.ts";

export const greaterOrEqualKernel = binaryKernel("GreaterOrEqual", (a, b) => greaterEqual(a, b));

import { logicalAnd } from "@tensorflow/tfjs-core";
import { binaryKernel } from "../kernel.ts";

export const andKernel = binaryKernel("And", (a, b) => logicalAnd(a, b));

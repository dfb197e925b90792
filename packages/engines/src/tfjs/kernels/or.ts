import { logicalOr } from "@tensorflow/tfjs-core";
import { binaryKernel } from "../kernel.ts";

export const orKernel = binaryKernel("Or", (a, b) => logicalOr(a, b));

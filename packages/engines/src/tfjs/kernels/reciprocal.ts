import { reciprocal } from "@tensorflow/tfjs-core";
import { unaryKernel } from "../kernel.ts";

export const reciprocalKernel = unaryKernel("Reciprocal", (x) => reciprocal(x));

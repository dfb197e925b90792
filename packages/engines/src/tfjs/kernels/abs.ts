import { abs } from "@tensorflow/tfjs-core";
import { unaryKernel } from "../kernel.ts";

export const absKernel = unaryKernel("Abs", (x) => abs(x));

import { cos } from "@tensorflow/tfjs-core";
import { unaryKernel } from "../kernel.ts";

export const cosKernel = unaryKernel("Cos", (x) => cos(x));

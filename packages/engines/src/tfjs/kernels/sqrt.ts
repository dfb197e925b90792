import { sqrt } from "@tensorflow/tfjs-core";
import { unaryKernel } from "../kernel.ts";

export const sqrtKernel = unaryKernel("Sqrt", (x) => sqrt(x));

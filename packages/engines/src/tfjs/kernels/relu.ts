import { relu } from "@tensorflow/tfjs-core";
import { unaryKernel } from "../kernel.ts";

export const reluKernel = unaryKernel("Relu", (x) => relu(x));

import { less } from "@tensorflow/tfjs-core";
import { binaryKernel } from "../kernel.ts";

export const lessKernel = binaryKernel("Less", (a, b) => less(a, b));

import { maximum } from "@tensorflow/tfjs-core";
import { binaryKernel } from "../kernel.ts";

export const maxKernel = binaryKernel("Max", (a, b) => maximum(a, b));

import { tanh } from "@tensorflow/tfjs-core";
import { unaryKernel } from "../kernel.ts";

export const tanhKernel = unaryKernel("Tanh", (x) => tanh(x));

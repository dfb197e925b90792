import { sigmoid } from "@tensorflow/tfjs-core";
import { unaryKernel } from "../kernel.ts";

export const sigmoidKernel = unaryKernel("Sigmoid", (x) => sigmoid(x));

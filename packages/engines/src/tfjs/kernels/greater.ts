import { greater } from "@tensorflow/tfjs-core";
import { binaryKernel } from "../kernel.ts";

export const greaterKernel = binaryKernel("Greater", (a, b) => greater(a, b));

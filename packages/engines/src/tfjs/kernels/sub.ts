import { sub } from "@tensorflow/tfjs-core";
import { binaryKernel } from "../kernel.ts";

export const subKernel = binaryKernel("Sub", (a, b) => sub(a, b));

import { add } from "@tensorflow/tfjs-core";
import { binaryKernel } from "../kernel.ts";

export const addKernel = binaryKernel("Add", (a, b) => add(a, b));

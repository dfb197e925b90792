import { sin } from "@tensorflow/tfjs-core";
import { unaryKernel } from "../kernel.ts";

export const sinKernel = unaryKernel("Sin", (x) => sin(x));

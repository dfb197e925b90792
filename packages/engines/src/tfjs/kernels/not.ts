import { logicalNot } from "@tensorflow/tfjs-core";
import { unaryKernel } from "../kernel.ts";

export const notKernel = unaryKernel("Not", (x) => logicalNot(x));

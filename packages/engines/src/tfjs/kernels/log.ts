import { log } from "@tensorflow/tfjs-core";
import { unaryKernel } from "../kernel.ts";

export const logKernel = unaryKernel("Log", (x) => log(x));

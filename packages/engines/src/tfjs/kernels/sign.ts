import { sign } from "@tensorflow/tfjs-core";
import { unaryKernel } from "../kernel.ts";

export const signKernel = unaryKernel("Sign", (x) => sign(x));

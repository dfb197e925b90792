import { exp } from "@tensorflow/tfjs-core";
import { unaryKernel } from "../kernel.ts";

export const expKernel = unaryKernel("Exp", (x) => exp(x));

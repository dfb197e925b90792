import { erf } from "@tensorflow/tfjs-core";
import { unaryKernel } from "../kernel.ts";

export const erfKernel = unaryKernel("Erf", (x) => erf(x));

import { clone } from "@tensorflow/tfjs-core";
import { unaryKernel } from "../kernel.ts";

export const identityKernel = unaryKernel("Identity", (x) => clone(x));

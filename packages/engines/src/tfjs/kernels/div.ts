import { div } from "@tensorflow/tfjs-core";
import { binaryKernel } from "../kernel.ts";

export const divKernel = binaryKernel("Div", (a, b) => div(a, b));

import { floor } from "@tensorflow/tfjs-core";
import { unaryKernel } from "../kernel.ts";

export const floorKernel = unaryKernel("Floor", (x) => floor(x));

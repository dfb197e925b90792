import { broadcastTo } from "@tensorflow/tfjs-core";
import type { Kernel } from "../kernel.ts";

export const expandKernel: Kernel = {
  operator: "Expand",
  run: ({ inputs, attributes }) => broadcastTo(inputs[0]!, [...(attributes["shape"] as number[])]),
};

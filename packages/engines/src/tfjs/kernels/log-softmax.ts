import { exp, log, max, sub, sum } from "@tensorflow/tfjs-core";
import type { Kernel } from "../kernel.ts";

export const logSoftmaxKernel: Kernel = {
  operator: "LogSoftmax",
  run({ inputs, attributes }) {
    const x = inputs[0]!;
    const axis = attributes["axis"] as number;
    const shifted = sub(x, max(x, axis, true));
    return sub(shifted, log(sum(exp(shifted), axis, true)));
  },
};

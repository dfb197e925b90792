import { div, exp, max, sub, sum } from "@tensorflow/tfjs-core";
import type { Kernel } from "../kernel.ts";

export const softmaxKernel: Kernel = {
  operator: "Softmax",
  run({ inputs, attributes }) {
    const x = inputs[0]!;
    const axis = attributes["axis"] as number;
    const raised = exp(sub(x, max(x, axis, true)));
    return div(raised, sum(raised, axis, true));
  },
};

import { broadcastTo, matMul, type Tensor } from "@tensorflow/tfjs-core";
import type { Kernel } from "../kernel.ts";

export const matMulKernel: Kernel = {
  operator: "MatMul",
  run({ inputs, outputTypes }) {
    const [a, b] = inputs as [Tensor, Tensor];
    const lead = outputTypes[0]!.shape.slice(0, -2);
    const widened = (x: Tensor) => broadcastTo(x, [...lead, ...x.shape.slice(-2)]);
    return matMul(widened(a), widened(b));
  },
};

import { add, matMul, type Tensor } from "@tensorflow/tfjs-core";
import type { Kernel } from "../kernel.ts";

export const gemmKernel: Kernel = {
  operator: "Gemm",
  run({ inputs, attributes }) {
    const [a, b, c] = inputs as [Tensor, Tensor, Tensor | undefined];
    const product = matMul(a, b, attributes["transA"] === 1, attributes["transB"] === 1);
    return c === undefined ? product : add(product, c);
  },
};

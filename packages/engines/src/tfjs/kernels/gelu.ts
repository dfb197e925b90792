import { add, erf, mul, tanh, type Tensor } from "@tensorflow/tfjs-core";
import type { Kernel } from "../kernel.ts";

function tanhGelu(x: Tensor): Tensor {
  const inner = mul(mul(x, add(mul(mul(x, x), 0.044715), 1)), Math.sqrt(2 / Math.PI));
  return mul(mul(x, 0.5), add(tanh(inner), 1));
}

export const geluKernel: Kernel = {
  operator: "Gelu",
  run({ inputs, attributes }) {
    const x = inputs[0]!;
    return attributes["approximate"] === "tanh" ? tanhGelu(x) : mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));
  },
};

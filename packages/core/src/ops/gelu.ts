import { emitOne } from "../graph/graph.ts";
import { defineOperator, operatorMismatch } from "../graph/operator.ts";
import { sizeOf } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add } from "./add.ts";
import { erf } from "./erf.ts";
import { exp } from "./exp.ts";
import { mul } from "./mul.ts";
import { sub } from "./sub.ts";
import { tanh } from "./tanh.ts";

export const geluOperator = defineOperator<{ approximate: string }>({
  name: "Gelu",
  summary: "x Phi(x) with the normal distribution function Phi, exact (erf) or by tanh.",
  attributes: { approximate: "string" },
  infer([x], { approximate }) {
    if (x === undefined || !["none", "tanh"].includes(approximate))
      throw operatorMismatch(`approximate "${approximate}"`, `"none" or "tanh"`);
    return [x];
  },
  gradient: ({ inputs, outputGradients, attributes: { approximate } }) => {
    const x = inputs[0]!;
    const slope = approximate === "tanh" ? tanhSlope(x) : erfSlope(x);
    return [mul(outputGradients[0]!, slope)];
  },
  flops: ([x]) => 16 * sizeOf(x!.shape),
});

/** d/dx [x Phi(x)] = Phi(x) + x phi(x). */
function erfSlope(x: Tensor): Tensor {
  const distribution = add(mul(erf(mul(x, Math.SQRT1_2)), 0.5), 0.5);
  const density = exp(mul(mul(x, x), -0.5));
  return add(distribution, mul(mul(x, density), 1 / Math.sqrt(2 * Math.PI)));
}

/** Derivative of x/2 (1 + t), t = tanh(c (x + 0.044715 x^3)), c = sqrt(2 / pi). */
function tanhSlope(x: Tensor): Tensor {
  const c = Math.sqrt(2 / Math.PI);
  const square = mul(x, x);
  const t = tanh(mul(mul(x, add(mul(square, 0.044715), 1)), c));
  const inner = mul(x, add(mul(square, 0.5 * c * 3 * 0.044715), 0.5 * c));
  return add(add(mul(t, 0.5), 0.5), mul(sub(1, mul(t, t)), inner));
}

/** GELU; `approximate` is `"none"` (erf, exact) or `"tanh"`. */
export function gelu(x: Tensor, approximate: "none" | "tanh" = "none"): Tensor {
  return emitOne(geluOperator, [x], { approximate });
}

import { add, mean, mul, rsqrt, square, sub, type Tensor } from "@tensorflow/tfjs-core";
import type { Kernel } from "../kernel.ts";

export const layerNormalizationKernel: Kernel = {
  operator: "LayerNormalization",
  run({ inputs, attributes }) {
    const [x, scale, bias] = inputs as [Tensor, Tensor, Tensor | undefined];
    const average = mean(x, -1, true);
    const centred = sub(x, average);
    const inverseDeviation = rsqrt(add(mean(square(centred), -1, true), attributes["epsilon"] as number));
    const scaled = mul(mul(centred, inverseDeviation), scale);
    return [bias === undefined ? scaled : add(scaled, bias), average, inverseDeviation];
  },
};

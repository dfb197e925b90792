import { defineOperator, operatorMismatch } from "../graph/operator.ts";
import { formatShape, sameShape, sizeOf } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { mul } from "./mul.ts";
import { reduceMean } from "./reduce-mean.ts";
import { sub } from "./sub.ts";
import { sumLeading } from "./sum-leading.ts";

export const layerNormalizationOperator = defineOperator<{ axis: number; epsilon: number }>({
  name: "LayerNormalization",
  summary: "(x - mean) / sqrt(variance + epsilon) * scale + bias over the last axis; also gives mean and 1/deviation.",
  attributes: { axis: "int", epsilon: "float" },
  infer([x, scale, bias]) {
    const width = x?.shape.at(-1);
    if (x === undefined || width === undefined || scale === undefined || !sameShape(scale.shape, [width])) {
      throw operatorMismatch(
        `a scale of shape ${formatShape(scale?.shape ?? [])}`,
        `[${width ?? 0}], the input's last axis`,
      );
    }
    if (bias !== undefined && !sameShape(bias.shape, [width])) {
      throw operatorMismatch(`a bias of shape ${formatShape(bias.shape)}`, `[${width}], the input's last axis`);
    }
    const statistics = { dtype: x.dtype, shape: [...x.shape.slice(0, -1), 1] };
    return [x, statistics, statistics];
  },
  gradient: ({ inputs, outputs, outputGradients, needs }) => {
    const [x, scale, bias] = inputs as [Tensor, Tensor, Tensor | undefined];
    const dy = outputGradients[0];
    if (dy === undefined) return [];
    const [, mean, inverseDeviation] = outputs as [Tensor, Tensor, Tensor];
    const normalised = mul(sub(x, mean), inverseDeviation);
    const dNormalised = mul(dy, scale);
    const dx = () => {
      const centred = sub(dNormalised, reduceMean(dNormalised, [-1], true));
      const projection = reduceMean(mul(dNormalised, normalised), [-1], true);
      return mul(sub(centred, mul(normalised, projection)), inverseDeviation);
    };
    return [
      needs(0) ? dx() : undefined,
      needs(1) ? sumLeading(mul(dy, normalised), x.rank - 1) : undefined,
      bias !== undefined && needs(2) ? sumLeading(dy, x.rank - 1) : undefined,
    ];
  },
  flops: ([x]) => 8 * sizeOf(x!.shape),
});

/** Layer normalisation over the last axis with learned `scale` and optional `bias`, both `[D]`. */
export function layerNormalization(x: Tensor, scale: Tensor, bias: Tensor | undefined, epsilon: number): Tensor {
  const inputs = bias === undefined ? [x, scale] : [x, scale, bias];
  return x.graph.emit(layerNormalizationOperator, inputs, { axis: -1, epsilon })[0]!;
}

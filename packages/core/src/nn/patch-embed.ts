import type { Graph } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { gemm } from "../ops/gemm.ts";
import { reshape } from "../ops/reshape.ts";
import { transpose } from "../ops/transpose.ts";

/**
 * Convolution whose stride is its kernel, as one matrix product: image `[B, H, W, C]` -> tokens `[B, H/p * W/p, D]`,
 * row-major. Parameters keep the convolution's layout: `NAME.weight` `[D, C, p, p]`, `NAME.bias` `[D]`.
 */
export function patchEmbed(
  g: Graph,
  image: Tensor,
  patch: number,
  width: number,
  name: string,
  options: { bias?: boolean } = {},
): Tensor {
  const [b, h, w, c] = image.shape as [number, number, number, number];
  const rows = Math.floor(h / patch);
  const columns = Math.floor(w / patch);
  const fan = c * patch * patch;
  return g.within(name, () => {
    const weight = g.parameter("weight", [width, c, patch, patch], { kind: "uniform", bound: 1 / Math.sqrt(fan) });
    const bias = options.bias === false ? undefined : g.parameter("bias", [width], { kind: "zeros" });
    const cells = transpose(reshape(image, [b, rows, patch, columns, patch, c]), [0, 1, 3, 5, 2, 4]); // [B, rows, cols, C, p, p]
    const tokens = gemm(reshape(cells, [b * rows * columns, fan]), reshape(weight, [width, fan]), bias, 0, 1);
    return reshape(tokens, [b, rows * columns, width]);
  });
}

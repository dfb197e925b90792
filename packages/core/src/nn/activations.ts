import type { Tensor } from "../graph/tensor.ts";
import { mul } from "../ops/mul.ts";
import { sigmoid } from "../ops/sigmoid.ts";

/** x sigmoid(x), also called swish. */
export function silu(x: Tensor): Tensor {
  return mul(x, sigmoid(x));
}

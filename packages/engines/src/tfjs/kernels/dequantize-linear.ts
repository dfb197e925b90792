import { broadcastTo, cast, mul, reshape, slice, sub, type Tensor } from "@tensorflow/tfjs-core";
import type { Kernel } from "../kernel.ts";

/** Each slice of `axis` `times` times in a row, cut to `length`. */
function repeat(x: Tensor, axis: number, times: number, length: number): Tensor {
  const lead = x.shape.slice(0, axis + 1);
  const rest = x.shape.slice(axis + 1);
  const tiled = broadcastTo(reshape(x, [...lead, 1, ...rest]), [...lead, times, ...rest]);
  const joined = reshape(tiled, [...x.shape.slice(0, axis), x.shape[axis]! * times, ...rest]);
  return slice(
    joined,
    x.shape.map(() => 0),
    joined.shape.map((dim, i) => (i === axis ? length : dim)),
  );
}

export const dequantizeLinearKernel: Kernel = {
  operator: "DequantizeLinear",
  run({ inputs, attributes }) {
    const [codes, scale, zeroPoint] = inputs as [Tensor, Tensor, Tensor | undefined];
    const { axis, block_size: blockSize } = attributes as Record<"axis" | "block_size", number>;
    const values = cast(codes, "float32");
    const repeated = (x: Tensor) => repeat(x, axis, blockSize, codes.shape[axis]!);
    const centred = zeroPoint === undefined ? values : sub(values, repeated(cast(zeroPoint, "float32")));
    return mul(centred, repeated(scale));
  },
};

import { emitOne } from "../graph/graph.ts";
import { defineOperator, operatorMismatch } from "../graph/operator.ts";
import { normaliseAxis, sizeOf } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { expand } from "./expand.ts";
import { reshape } from "./reshape.ts";
import { scatterAddRows } from "./scatter-nd.ts";
import { transpose } from "./transpose.ts";

export const gatherOperator = defineOperator<{ axis: number }>({
  name: "Gather",
  summary: "Picks slices of one axis by index; the indices' shape takes the place of that axis.",
  attributes: { axis: "int" },
  infer([x, indices], { axis }) {
    if (x === undefined || normaliseAxis(axis, x.shape.length) === undefined)
      throw operatorMismatch(`axis ${axis}`, "an axis of the input");
    if (indices?.dtype !== "int64") throw operatorMismatch(`indices of type ${indices?.dtype ?? "none"}`, "int64");
    return [{ dtype: x.dtype, shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)] }];
  },
  gradient: ({ inputs, outputGradients, attributes: { axis } }) => {
    const [x, indices] = inputs as [Tensor, Tensor];
    // Bring the gathered axis to the front, add rows up, bring it back.
    const front = [axis, ...[...x.shape.keys()].filter((a) => a !== axis)];
    const rest = front.slice(1).map((a) => x.shape[a]!);
    const moved = moveIndexAxesToFront(outputGradients[0]!, axis, indices.rank);
    const count = sizeOf(indices.shape);
    const rows = scatterAddRows(x.shape[axis]!, reshape(indices, [count]), reshape(moved, [count, sizeOf(rest)]));
    return [
      transpose(
        reshape(
          rows,
          front.map((a) => x.shape[a]!),
        ),
        inverse(front),
      ),
      undefined,
    ];
  },
  flops: () => 0,
});

function moveIndexAxesToFront(dy: Tensor, axis: number, indexRank: number): Tensor {
  const indexAxes = Array.from({ length: indexRank }, (_, i) => axis + i);
  return transpose(dy, [...indexAxes, ...[...dy.shape.keys()].filter((a) => !indexAxes.includes(a))]);
}

const inverse = (perm: readonly number[]): number[] => perm.map((_, axis) => perm.indexOf(axis));

/** Slices of `axis` chosen by int64 `indices`; embedding lookup with axis 0. Negative indices count from the end. */
export function gather(x: Tensor, indices: Tensor, axis = 0): Tensor {
  return emitOne(gatherOperator, [x, indices], { axis: axis < 0 ? axis + x.rank : axis });
}

/** Repeats slices of `axis` so that each appears `times` times in a row (grouped-query attention). */
export function repeatInterleave(x: Tensor, axis: number, times: number): Tensor {
  if (times === 1) return x;
  const a = axis < 0 ? axis + x.rank : axis;
  const lifted = reshape(x, [...x.shape.slice(0, a + 1), 1, ...x.shape.slice(a + 1)]);
  const tiled = expand(lifted, [...x.shape.slice(0, a + 1), times, ...x.shape.slice(a + 1)]);
  return reshape(tiled, [...x.shape.slice(0, a), x.shape[a]! * times, ...x.shape.slice(a + 1)]);
}

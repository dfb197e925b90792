import {
  add,
  at,
  cast,
  concat,
  floor,
  gather,
  gemm,
  linear,
  matmul,
  max,
  min,
  mul,
  reshape,
  slice,
  softmax,
  sub,
  transpose,
  type Graph,
  type Tensor,
} from "@pixelvla/core";
import { cellTable, type SamplingGrid } from "./sampling-grid.ts";

/** Where each query looks, before its learned offsets; all in pixels of each level, `[Q, K]` or broadcasting to it. */
export interface SamplingCentres {
  readonly x: Tensor;
  readonly y: Tensor;
  /** Pixels of one unit of offset; 1 where absent. */
  readonly spreadX?: Tensor;
  readonly spreadY?: Tensor;
}

/** Gathered cells of one step stay below this many floats, so that they are read again from the cache. */
const STEP_FLOATS = 1 << 23;

/**
 * Multi-scale deformable attention: queries `[Q, D]`, values `[N, D]` -> `[Q, D]`. Every head takes a weighted sum of
 * bilinear samples, `points` per level, around the query's centres. Expressed as gathers of whole cells and small
 * products: exact on every engine, and faster than sampling each channel by itself.
 *
 * `valid` `[N, 1]`, 1 or 0, blanks values that lie on padding.
 *
 * Source: Deformable DETR §4.1; names of transformers' `GroundingDinoMultiscaleDeformableAttention`.
 */
export function deformableAttention(
  g: Graph,
  inputs: { readonly queries: Tensor; readonly values: Tensor; readonly valid: Tensor | undefined },
  centres: SamplingCentres,
  grid: SamplingGrid,
  name: string,
): Tensor {
  const width = inputs.queries.shape[1]!;
  return g.within(name, () => {
    const projected = linear(g, inputs.values, width, "value_proj");
    const values = inputs.valid === undefined ? projected : mul(projected, inputs.valid);
    const [offsetX, offsetY] = offsets(g, inputs.queries, grid);
    const x = clip(locate(centres.x, offsetX, centres.spreadX), grid.columns);
    const y = clip(locate(centres.y, offsetY, centres.spreadY), grid.rows);
    const weights = pointWeights(g, inputs.queries, grid);
    const sampled = sampleCells(cellTable(g, values, grid), x, y, weights, grid);
    return linear(g, sampled, width, "output_proj");
  });
}

/** Learned offsets `[Q, K]` in x and in y: rows of one projection take turns, so its weight is split, not its result. */
function offsets(g: Graph, queries: Tensor, grid: SamplingGrid): [Tensor, Tensor] {
  const k = grid.columns.shape[1]!;
  const width = queries.shape[1]!;
  return g.within("sampling_offsets", () => {
    const weight = reshape(g.parameter("weight", [2 * k, width], { kind: "uniform", bound: 0.01 }), [k, 2, width]);
    const bias = reshape(g.parameter("bias", [2 * k], { kind: "uniform", bound: 2 }), [k, 2]);
    const part = (i: number) => gemm(queries, at(weight, 1, i), at(bias, 1, i), 0, 1);
    return [part(0), part(1)];
  });
}

/** Weights `[Q, K]` that sum to one over all points of a head. */
function pointWeights(g: Graph, queries: Tensor, { heads, columns }: SamplingGrid): Tensor {
  const k = columns.shape[1]!;
  const logits = linear(g, queries, k, "attention_weights");
  return reshape(softmax(reshape(logits, [queries.shape[0]!, heads, k / heads])), [queries.shape[0]!, k]);
}

const locate = (centre: Tensor, offset: Tensor, spread: Tensor | undefined) =>
  add(spread === undefined ? offset : mul(offset, spread), centre);

/** Beyond the ring of zeros everything is zero, so positions are clipped to it: `[-1, size]`. */
const clip = (position: Tensor, size: Tensor) => min(max(position, -1), size);

/** Weighted bilinear samples, summed per head: positions and weights `[Q, K]` -> `[Q, D]`. */
function sampleCells(table: Tensor, x: Tensor, y: Tensor, weights: Tensor, grid: SamplingGrid): Tensor {
  const [q, k] = x.shape as [number, number];
  const { heads } = grid;
  const headWidth = table.shape[1]! / 4;
  const left = min(floor(x), grid.lastColumn);
  const top = min(floor(y), grid.lastRow);
  const row = add(add(mul(top, grid.rowStride), mul(left, heads)), grid.origin);
  const rows = cast(row, "int64");

  const [down, across] = [sub(y, top), sub(x, left)];
  const right = mul(weights, across);
  const near = sub(weights, right);
  const lowerRight = mul(right, down);
  const lowerLeft = mul(near, down);
  const corners = [sub(near, lowerLeft), sub(right, lowerRight), lowerLeft, lowerRight];
  const stacked = transpose(
    concat(
      corners.map((c) => reshape(c, [1, q * k])),
      0,
    ),
    [1, 0],
  ); // [Q K, 4]
  const cornerWeights = reshape(stacked, [q, heads, 1, (k / heads) * 4]);

  const step = Math.max(1, Math.floor(STEP_FLOATS / (k * 4 * headWidth)));
  const parts: Tensor[] = [];
  for (let start = 0; start < q; start += step) {
    const end = Math.min(q, start + step);
    const cells = gather(table, slice(rows, 0, start, end), 0); // [step, K, 4 D / heads]
    const samples = reshape(cells, [end - start, heads, (k / heads) * 4, headWidth]);
    parts.push(reshape(matmul(slice(cornerWeights, 0, start, end), samples), [end - start, heads * headWidth]));
  }
  return concat(parts, 0);
}

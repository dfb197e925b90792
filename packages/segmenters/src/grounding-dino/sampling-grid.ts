import { concat, gather, reshape, type Graph, type Tensor } from "@pixelvla/core";

/** Size of one level of the feature pyramid. */
export interface LevelSize {
  readonly rows: number;
  readonly columns: number;
}

/** Tokens of all levels together; they lie one level after another, each row by row. */
export function tokenCount(levels: readonly LevelSize[]): number {
  return levels.reduce((n, { rows, columns }) => n + rows * columns, 0);
}

/**
 * Where samples of a pyramid lie in a table of cells. A cell is the 2 x 2 neighbourhood of an anchor, its four corners
 * side by side, so that one row of the table is all a bilinear sample reads. Anchors run from -1 to the last row and
 * column: maps are surrounded by zeros, as PyTorch's `grid_sample(padding_mode="zeros")`.
 *
 * Vectors have one element per (head, level, point), `K` in all, in the order of the attention's own projections.
 */
export interface SamplingGrid {
  readonly heads: number;
  readonly points: number;
  readonly levels: readonly LevelSize[];
  /** `[K]` int64, level of each element. */
  readonly levelOf: Tensor;
  /** `[1, K]`, columns and rows of the element's level. */
  readonly columns: Tensor;
  readonly rows: Tensor;
  /** `[1, K]`, last anchor of the element's level in each direction. */
  readonly lastColumn: Tensor;
  readonly lastRow: Tensor;
  /** `[1, K]`: table row of anchor (y, x) = y * rowStride + x * heads + origin. */
  readonly rowStride: Tensor;
  readonly origin: Tensor;
  /** `[nCells * heads * 4]` int64: rows of `[N * heads, D / heads]` (and one of zeros) that make the table. */
  readonly corners: Tensor;
}

/** Lays out the cells of a pyramid for an attention of `heads` heads with `points` points per level. */
export function samplingGrid(
  g: Graph,
  levels: readonly LevelSize[],
  heads: number,
  points: number,
  corners: Tensor = cellCorners(g, levels, heads),
): SamplingGrid {
  const cellStart = levels.map((_, l) =>
    levels.slice(0, l).reduce((n, { rows, columns }) => n + (rows + 1) * (columns + 1), 0),
  );
  const elements = Array.from({ length: heads * levels.length * points }, (_, i) => ({
    head: Math.floor(i / (levels.length * points)),
    level: Math.floor(i / points) % levels.length,
  }));
  const vector = (value: (level: LevelSize, start: number, head: number) => number) =>
    g.constant(
      "float32",
      [1, elements.length],
      Float32Array.from(elements, ({ head, level }) => value(levels[level]!, cellStart[level]!, head)),
    );
  return {
    heads,
    points,
    levels,
    levelOf: g.constant(
      "int64",
      [elements.length],
      BigInt64Array.from(elements, (e) => BigInt(e.level)),
    ),
    columns: vector(({ columns }) => columns),
    rows: vector(({ rows }) => rows),
    lastColumn: vector(({ columns }) => columns - 1),
    lastRow: vector(({ rows }) => rows - 1),
    rowStride: vector(({ columns }) => (columns + 1) * heads),
    origin: vector(({ columns }, start, head) => (start + columns + 2) * heads + head),
    corners,
  };
}

/** Rows of `[N * heads, width]` under the corners of every cell; `N * heads` is the row of zeros. */
function cellCorners(g: Graph, levels: readonly LevelSize[], heads: number): Tensor {
  const none = tokenCount(levels) * heads;
  const cells = levels.reduce((n, { rows, columns }) => n + (rows + 1) * (columns + 1), 0);
  const index = new BigInt64Array(cells * heads * 4);
  let at = 0;
  let start = 0;
  for (const { rows, columns } of levels) {
    for (let y = -1; y < rows; y++) {
      for (let x = -1; x < columns; x++) {
        for (let head = 0; head < heads; head++) {
          for (let corner = 0; corner < 4; corner++) {
            const [row, column] = [y + (corner >> 1), x + (corner & 1)];
            const inside = row >= 0 && row < rows && column >= 0 && column < columns;
            index[at++] = BigInt(inside ? (start + row * columns + column) * heads + head : none);
          }
        }
      }
    }
    start += rows * columns;
  }
  return g.constant("int64", [index.length], index);
}

/** Table of cells `[nCells * heads, 4 D / heads]` from values `[N, D]`. */
export function cellTable(g: Graph, values: Tensor, { heads, corners }: SamplingGrid): Tensor {
  const [n, width] = values.shape as [number, number];
  const headWidth = width / heads;
  const zeros = g.constant("float32", [1, headWidth], new Float32Array(headWidth));
  const rows = concat([reshape(values, [n * heads, headWidth]), zeros], 0);
  return reshape(gather(rows, corners, 0), [corners.shape[0]! / 4, 4 * headWidth]);
}

/** Windows of one resolution: which token each window position holds, and back. */
export interface SwinWindows {
  readonly nWindows: number;
  /** Tokens of a window, `windowSize²`. */
  readonly area: number;
  /** `[nWindows * area]`, token of each window position; `rows * columns` stands for padding. */
  readonly tokenOf: BigInt64Array;
  /** `[rows * columns]`, window position of each token. */
  readonly positionOf: BigInt64Array;
  readonly padded: boolean;
  /** Additive `[nWindows, area, area]`: -100 between what the cyclic shift brought together; undefined unshifted. */
  readonly mask: Float32Array | undefined;
}

/**
 * Partition of a map into windows after a cyclic shift, the map padded right and below to whole windows.
 *
 * Source: Swin Transformer §3.2; transformers' `SwinLayer` (pad, roll, `window_partition`, `get_attn_mask`).
 */
export function swinWindows(rows: number, columns: number, size: number, shift: number): SwinWindows {
  const down = Math.ceil(rows / size);
  const across = Math.ceil(columns / size);
  const area = size * size;
  const tokenOf = new BigInt64Array(down * across * area);
  const positionOf = new BigInt64Array(rows * columns);
  const regions = new Uint8Array(down * across * area);
  const region = (at: number, length: number) => (at >= length - size ? 1 : 0) + (at >= length - shift ? 1 : 0);
  let position = 0;
  for (let wy = 0; wy < down; wy++) {
    for (let wx = 0; wx < across; wx++) {
      for (let i = 0; i < area; i++, position++) {
        const shiftedRow = wy * size + Math.floor(i / size);
        const shiftedColumn = wx * size + (i % size);
        const row = (shiftedRow + shift) % (down * size);
        const column = (shiftedColumn + shift) % (across * size);
        regions[position] = region(shiftedRow, down * size) * 3 + region(shiftedColumn, across * size);
        const inside = row < rows && column < columns;
        tokenOf[position] = BigInt(inside ? row * columns + column : rows * columns);
        if (inside) positionOf[row * columns + column] = BigInt(position);
      }
    }
  }
  const padded = down * size !== rows || across * size !== columns;
  const mask = shift === 0 ? undefined : shiftMask(regions, area);
  return { nWindows: down * across, area, tokenOf, positionOf, padded, mask };
}

function shiftMask(regions: Uint8Array, area: number): Float32Array {
  const mask = new Float32Array(regions.length * area);
  for (let i = 0; i < regions.length; i++) {
    const window = i - (i % area);
    for (let j = 0; j < area; j++) if (regions[i] !== regions[window + j]) mask[i * area + j] = -100;
  }
  return mask;
}

/** Rows of the `(2 size - 1)²` bias table for every pair of a window's positions, `[area * area]`. */
export function relativePositions(size: number): BigInt64Array {
  const area = size * size;
  const index = new BigInt64Array(area * area);
  for (let i = 0; i < area; i++) {
    for (let j = 0; j < area; j++) {
      const rows = Math.floor(i / size) - Math.floor(j / size) + size - 1;
      const columns = (i % size) - (j % size) + size - 1;
      index[i * area + j] = BigInt(rows * (2 * size - 1) + columns);
    }
  }
  return index;
}

/** Tokens `[rows/2 * columns/2 * 4]` that patch merging joins, odd maps padded; `rows * columns` stands for padding. */
export function mergedPatches(rows: number, columns: number): BigInt64Array {
  const [down, across] = [Math.ceil(rows / 2), Math.ceil(columns / 2)];
  const index = new BigInt64Array(down * across * 4);
  let at = 0;
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      // transformers' order: both rows of the left column, then of the right one.
      for (const [dy, dx] of [
        [0, 0],
        [1, 0],
        [0, 1],
        [1, 1],
      ] as const) {
        const [row, column] = [2 * y + dy, 2 * x + dx];
        index[at++] = BigInt(row < rows && column < columns ? row * columns + column : rows * columns);
      }
    }
  }
  return index;
}

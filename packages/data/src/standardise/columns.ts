import { cannotStandardise } from "../errors.ts";
import type { NumericColumn, RecordedFrames } from "./recorded.ts";

/** A column that must exist with at least `minWidth` values a frame. @throws PVLA_DATA_STANDARDISATION */
export function needColumn(
  frames: RecordedFrames,
  key: string,
  minWidth: number,
  who: { dataset: string; standardisation: string },
): NumericColumn {
  const column = frames.numeric(key);
  if (column && column.width >= minWidth) return column;
  const found = column ? `"${key}" has ${column.width} values a frame` : `the recording has no "${key}"`;
  throw cannotStandardise(who.dataset, who.standardisation, found, `"${key}" with ${minWidth}`);
}

/** One dimension of a column, `[R]`. */
export function dimension({ values, width }: NumericColumn, index: number): Float32Array {
  const out = new Float32Array(values.length / width);
  for (let t = 0; t < out.length; t++) out[t] = values[t * width + index]!;
  return out;
}

/** Frames `first` to `first + count` of a column, `[count, width]`. */
export function sliceFrames({ values, width }: NumericColumn, first: number, count: number): Float32Array {
  return values.slice(first * width, (first + count) * width);
}

/** Columns side by side, `[R, sum of widths]`. */
export function concatColumns(columns: readonly NumericColumn[], nFrames: number): NumericColumn {
  const width = columns.reduce((sum, column) => sum + column.width, 0);
  const values = new Float32Array(nFrames * width);
  let at = 0;
  for (const column of columns) {
    for (let t = 0; t < nFrames; t++)
      values.set(column.values.subarray(t * column.width, (t + 1) * column.width), t * width + at);
    at += column.width;
  }
  return { values, width };
}

/** First six dimensions of `motion` with `gripper` `[R]` as seventh, frames `first` to `first + count`: `[count, 7]`. */
export function withGripper(motion: NumericColumn, gripper: Float32Array, first: number, count: number): Float32Array {
  const action = new Float32Array(count * 7);
  for (let t = 0; t < count; t++) {
    const from = (first + t) * motion.width;
    for (let d = 0; d < 6; d++) action[t * 7 + d] = motion.values[from + d]!;
    action[t * 7 + 6] = gripper[first + t]!;
  }
  return action;
}

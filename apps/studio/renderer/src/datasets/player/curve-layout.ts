import { axisOf } from "../../theme/colors.ts";

/** Space left of the plots for names and values, and right of them for the range, CSS pixels. */
export const GUTTER_LEFT_PX = 148;
export const GUTTER_RIGHT_PX = 64;
export const MIN_ROW_PX = 26;

/** One row of the curves: a dimension over all frames. */
export interface CurveRow {
  readonly group: "action" | "state";
  readonly name: string;
  readonly values: Float64Array;
  readonly min: number;
  readonly max: number;
  readonly axis: "x" | "y" | "z" | undefined;
  /** Drawn filled where closed. */
  readonly isGripper: boolean;
}

/** Columns of `flat` `[T, names.length]` as rows with their ranges. */
export function curveRows(group: "action" | "state", flat: readonly number[], names: readonly string[]): CurveRow[] {
  const width = names.length;
  const nFrames = width === 0 ? 0 : flat.length / width;
  return names.map((name, column) => {
    const values = new Float64Array(nFrames);
    let min = Infinity;
    let max = -Infinity;
    for (let frame = 0; frame < nFrames; frame++) {
      const value = flat[frame * width + column]!;
      values[frame] = value;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    return { group, name, values, min, max, axis: axisOf(name), isGripper: /gripper/i.test(name) };
  });
}

/** Y of a value in a row of `heightPx` with 3 px of air above and below; a constant lies in the middle. */
export function rowY(value: number, { min, max }: Pick<CurveRow, "min" | "max">, heightPx: number): number {
  const pad = 3;
  if (!(max > min)) return heightPx / 2;
  return pad + (1 - (value - min) / (max - min)) * (heightPx - 2 * pad);
}

/** X of the middle of a frame in a plot of `widthPx`. */
export const frameX = (frame: number, nFrames: number, widthPx: number): number => ((frame + 0.5) / nFrames) * widthPx;

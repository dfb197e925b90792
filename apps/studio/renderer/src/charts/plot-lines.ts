/** A line as it is drawn. */
export interface PlotLine {
  readonly label: string;
  readonly color: string;
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
  /** Raw values under their smoothed line; not read by the pointer. */
  readonly isFaint?: boolean;
}

/** The space between two lines, e.g. the interquartile range of a group. */
export interface ChartBand {
  readonly color: string;
  readonly x: readonly number[];
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
}

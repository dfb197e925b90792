/** Lines to draw or save. */
export interface ChartSeries {
  readonly label: string;
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
  readonly color?: string;
}

export interface ChartData {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel?: string;
  readonly series: readonly ChartSeries[];
  readonly isLogY?: boolean;
}

const quoted = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** The chart as CSV (RFC 4180): x and one column a series, one row for each x that occurs. */
export function toCsv({ xLabel, series }: ChartData): string {
  const rows = new Map<number, (number | null)[]>();
  series.forEach(({ x, y }, column) =>
    x.forEach((at, index) => {
      let row = rows.get(at);
      if (row === undefined) rows.set(at, (row = new Array<number | null>(series.length).fill(null)));
      row[column] = y[index] ?? null;
    }),
  );
  const header = [xLabel, ...series.map(({ label }) => label)].map(quoted).join(",");
  const lines = [...rows]
    .sort(([a], [b]) => a - b)
    .map(([at, values]) => [at, ...values.map((value) => value ?? "")].join(","));
  return [header, ...lines, ""].join("\r\n");
}

/** Smallest and largest of the values that can be drawn; [0, 1] where there are none. */
export function extent(values: Iterable<number | null>, isLog = false): [number, number] {
  let min = Infinity;
  let max = -Infinity;
  for (const value of values) {
    if (value === null || !Number.isFinite(value) || (isLog && value <= 0)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min > max ? [0, 1] : [min, max];
}

/** Round numbers that divide [min, max] into about `n` parts. */
export function ticks(min: number, max: number, n = 5): number[] {
  const span = max - min || Math.abs(max) || 1;
  const rough = span / n;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const found = [];
  for (let at = Math.ceil(min / step); at * step <= max + step * 1e-9; at++)
    found.push(Number((at * step).toPrecision(12)));
  return found;
}

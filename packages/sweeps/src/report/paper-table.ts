import { readFileSync } from "node:fs";

/** A table of the paper: numbers in percent by row and column name. */
export type PaperTable = ReadonlyMap<string, ReadonlyMap<string, number>>;

/**
 * Reads a table of the PixelVLA paper that ships with this package.
 * Source: PixelVLA, Table 3 (ablation on SimplerEnv's Google robot, variant aggregation).
 */
export function paperTable(name: string): PaperTable {
  const text = readFileSync(new URL(`../../assets/paper/${name}.csv`, import.meta.url), "utf8");
  const [head, ...lines] = text
    .trim()
    .split("\n")
    .map((line) => line.trim().split(","));
  return new Map(
    lines.map(([row, ...values]) => [
      row!,
      new Map(values.flatMap((value, i) => (value === "" ? [] : [[head![i + 1]!, Number(value)] as const]))),
    ]),
  );
}

import { unknownName } from "./errors.ts";

/** A half-open range of positions within a named split. */
export interface SplitSlice {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a TFDS-style split expression: `train`, `train[:95%]`, `train[95%:]`, `train[10:20]`, several joined with `+`.
 * Percentages round to the nearest episode, as TFDS does by default.
 *
 * @throws PVLA_DATA_SPLIT for a split that does not exist or an expression that cannot be read
 */
export function parseSplit(
  expression: string | undefined,
  splits: readonly { name: string; nEpisodes: number }[],
  dataset: string,
): SplitSlice[] {
  if (expression === undefined) return splits.map(({ name, nEpisodes }) => ({ name, start: 0, end: nEpisodes }));
  return expression.split("+").map((part) => {
    const match = /^\s*([^[\]\s]+)(?:\[(-?\d+%?)?:(-?\d+%?)?\])?\s*$/.exec(part);
    const name = match?.[1] ?? part.trim();
    const split = splits.find((candidate) => candidate.name === name);
    if (!match || !split)
      throw unknownName("PVLA_DATA_SPLIT", { dataset, kind: "split", name, available: splits.map((s) => s.name) });
    const start = bound(match[2], 0, split.nEpisodes);
    return { name, start, end: Math.max(start, bound(match[3], split.nEpisodes, split.nEpisodes)) };
  });
}

function bound(text: string | undefined, fallback: number, total: number): number {
  if (text === undefined) return fallback;
  const value = text.endsWith("%") ? Math.round((Number(text.slice(0, -1)) / 100) * total) : Number(text);
  return Math.min(total, Math.max(0, value < 0 ? total + value : value));
}

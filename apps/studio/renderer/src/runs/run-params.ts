import type { RunKind, RunState } from "../host/types.ts";

/** Which runs the table shows, in which order. */
export interface RunQuery {
  readonly search: string;
  readonly kinds: RunKind[];
  readonly states: RunState[];
  readonly sort: { readonly by: RunSortKey; readonly direction: "ascending" | "descending" };
}

export const runSortKeys = [
  "startedAt",
  "name",
  "state",
  "kind",
  "progress",
  "loss",
  "successRate",
  "ratePerS",
] as const;
export type RunSortKey = (typeof runSortKeys)[number];

export const runStateNames = [
  "running",
  "queued",
  "paused",
  "stopping",
  "done",
  "stopped",
  "failed",
  "lost",
] as const satisfies readonly RunState[];
export const runKindNames = ["train", "annotate", "bench", "sweep"] as const satisfies readonly RunKind[];

const some = <T extends string>(text: string | undefined, known: readonly T[]): T[] =>
  known.filter((value) => text?.split(",").includes(value));

/** Reads the table's filter and order from the address. */
export function runQueryOf(params: Readonly<Record<string, string>>): RunQuery {
  const [by, direction] = (params["sort"] ?? "").split(":");
  return {
    search: (params["q"] ?? "").slice(0, 200),
    kinds: some(params["kinds"], runKindNames),
    states: some(params["states"], runStateNames),
    sort: {
      by: runSortKeys.find((key) => key === by) ?? "startedAt",
      direction: direction === "ascending" ? "ascending" : "descending",
    },
  };
}

import type { Damage } from "../episode.ts";

/** How bad a finding is. A run is not launched over a `fail` without a flag. */
export type Verdict = "pass" | "warn" | "fail";

/** One finding of the doctor. */
export interface CheckResult {
  /** Stable name: `version`, `files`, `read`, `finite`, `language`, `timing`, `gripper`, `deltas`, `motion`, `statistics`, `images`. */
  readonly name: string;
  readonly verdict: Verdict;
  /** One sentence: what was found and, unless it passed, what to do. */
  readonly reason: string;
}

/** What the doctor says about a dataset. */
export interface CheckReport {
  readonly dataset: string;
  readonly root: string;
  /** The worst of all checks. */
  readonly verdict: Verdict;
  readonly nEpisodesRead: number;
  readonly nEpisodes: number;
  readonly checks: readonly CheckResult[];
  readonly damage: readonly Damage[];
}

const RANK: Readonly<Record<Verdict, number>> = { pass: 0, warn: 1, fail: 2 };

/** The worst verdict. */
export function worst(checks: readonly CheckResult[]): Verdict {
  return checks.reduce<Verdict>((sofar, { verdict }) => (RANK[verdict] > RANK[sofar] ? verdict : sofar), "pass");
}

/** `3 of 25 episodes (4, 7, 9)`, at most five named. */
export function some(indices: readonly number[], total: number): string {
  const named = indices.slice(0, 5).join(", ");
  return `${indices.length} of ${total} episodes (${named}${indices.length > 5 ? ", …" : ""})`;
}

/** `12.3 %` */
export const percent = (part: number, whole: number) => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;

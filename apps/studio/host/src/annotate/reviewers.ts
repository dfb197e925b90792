import type { ReviewEvent } from "@pixelvla/data";
import type { ReviewerPair, ReviewersReport, ReviewerStats } from "@pixelvla/studio-contract";

type Verdict = "kept" | "rejected" | "hard";
interface Standing {
  readonly episodeIndex: number;
  readonly event: ReviewEvent;
}

/** Longer pauses are breaks, not thinking. */
const SITTING_S = 300;
const DIFFERENCES_SHOWN = 50;

/**
 * What every reviewer has decided and how far they agree, from the events of a review log. Of a reviewer's decisions on an episode the
 * newest that nobody took back counts, whether or not another reviewer decided after them.
 */
export function reviewersReport(histories: Iterable<readonly ReviewEvent[]>): ReviewersReport {
  const standing = new Map<string, Map<number, Standing>>();
  const takenBack = new Map<string, number>();
  const times = new Map<string, number[]>();
  for (const events of histories) {
    const undone = new Set(events.flatMap(({ undoes }) => undoes ?? []));
    for (const event of events) {
      const { author, decision, episodeIndex, id } = event;
      if (decision === null || decision === "pending") continue;
      times.set(author, [...(times.get(author) ?? []), Date.parse(event.time)]);
      if (undone.has(id)) takenBack.set(author, (takenBack.get(author) ?? 0) + 1);
      else {
        const own = standing.get(author) ?? new Map<number, Standing>();
        standing.set(author, own.set(episodeIndex, { episodeIndex, event }));
      }
    }
  }
  const authors = [...times.keys()].sort((a, b) => a.localeCompare(b));
  const reviewers = authors.map((author) =>
    statsOf(author, [...(standing.get(author)?.values() ?? [])], times.get(author)!, takenBack.get(author) ?? 0),
  );
  const pairs = authors.flatMap((one, i) =>
    authors.slice(i + 1).flatMap((other) => pairOf(one, other, standing.get(one), standing.get(other)) ?? []),
  );
  return { reviewers, pairs };
}

function statsOf(author: string, decisions: readonly Standing[], timesMs: number[], nTakenBack: number): ReviewerStats {
  const count = (decision: string) => decisions.filter(({ event }) => event.decision === decision).length;
  const sorted = [...timesMs].sort((a, b) => a - b);
  const gaps = sorted
    .slice(1)
    .map((time, i) => (time - sorted[i]!) / 1000)
    .filter((gap) => gap < SITTING_S);
  return {
    author,
    nDecided: decisions.length,
    accepted: count("accepted"),
    corrected: count("corrected"),
    rejected: count("rejected"),
    hard: count("hard"),
    nTakenBack,
    firstAt: new Date(sorted[0]!).toISOString(),
    lastAt: new Date(sorted.at(-1)!).toISOString(),
    medianSeconds: median(gaps),
  };
}

function pairOf(
  one: string,
  other: string,
  ofOne: ReadonlyMap<number, Standing> = new Map(),
  ofOther: ReadonlyMap<number, Standing> = new Map(),
): ReviewerPair | undefined {
  const both = [...ofOne.keys()].filter((episode) => ofOther.has(episode)).sort((a, b) => a - b);
  if (both.length === 0) return undefined;
  const verdicts = both.map((episode) => [verdictOf(ofOne.get(episode)!), verdictOf(ofOther.get(episode)!)] as const);
  const agreement = verdicts.filter(([a, b]) => a === b).length / both.length;
  const share = (who: 0 | 1, verdict: Verdict) => verdicts.filter((pair) => pair[who] === verdict).length / both.length;
  const chance = (["kept", "rejected", "hard"] as const).reduce((sum, v) => sum + share(0, v) * share(1, v), 0);
  return {
    authors: [one, other],
    nBoth: both.length,
    agreement,
    kappa: chance === 1 ? undefined : (agreement - chance) / (1 - chance),
    differ: both.filter((_, i) => verdicts[i]![0] !== verdicts[i]![1]).slice(0, DIFFERENCES_SHOWN),
  };
}

function verdictOf({ event: { decision } }: Standing): Verdict {
  return decision === "rejected" || decision === "hard" ? decision : "kept";
}

/** Middle value; undefined for none. */
export function median(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

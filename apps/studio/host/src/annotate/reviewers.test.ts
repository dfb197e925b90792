import type { ReviewEvent } from "@pixelvla/data";
import { expect, test } from "vitest";
import { reviewersReport } from "./reviewers.ts";

let nextId = 0;
function event(
  episodeIndex: number,
  author: string,
  decision: ReviewEvent["decision"],
  second: number,
  undoes: string | null = null,
) {
  const time = new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString();
  return { version: 1 as const, id: `e${nextId++}`, time, author, episodeIndex, decision, note: "", undoes };
}

test("each reviewer's own standing decisions count, and agreement is corrected for chance", () => {
  const mistake = event(0, "ada", "rejected", 0);
  const histories = [
    [mistake, event(0, "ada", null, 1, mistake.id), event(0, "ada", "accepted", 4), event(0, "ben", "corrected", 600)],
    [event(1, "ada", "rejected", 10), event(1, "ben", "rejected", 603)],
    [event(2, "ada", "accepted", 12), event(2, "ben", "hard", 604)],
    [event(3, "ada", "accepted", 13), event(3, "ben", "accepted", 605)],
    [event(4, "ada", "hard", 15)],
  ];
  const { reviewers, pairs } = reviewersReport(histories);
  expect(reviewers[0]).toMatchObject({ author: "ada", nDecided: 5, accepted: 3, rejected: 1, hard: 1, nTakenBack: 1 });
  expect(reviewers[0]!.medianSeconds).toBe(2); // gaps of 4, 6, 2, 1 and 2 s
  expect(reviewers[1]).toMatchObject({ author: "ben", nDecided: 4, corrected: 1, accepted: 1, rejected: 1, hard: 1 });
  const [pair] = pairs;
  expect(pair).toMatchObject({ authors: ["ada", "ben"], nBoth: 4, agreement: 0.75, differ: [2] });
  // Chance: ada keeps 3/4 and rejects 1/4; ben keeps 1/2, rejects 1/4, hard 1/4.
  expect(pair!.kappa).toBeCloseTo((0.75 - (0.375 + 0.0625)) / (1 - 0.4375), 12);
});

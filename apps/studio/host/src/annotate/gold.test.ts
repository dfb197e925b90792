import { expect, test } from "vitest";
import { auroc } from "./gold.ts";

test("the area under the ROC curve is that of its definition, ties counting half", () => {
  const cases = [0.9, 0.8, 0.8, 0.4, 0.3, 0.3, 0.1].map((score, i) => ({
    score,
    isPositive: [0, 1, 3, 4].includes(i),
  }));
  let wins = 0;
  for (const a of cases.filter(({ isPositive }) => isPositive))
    for (const b of cases.filter(({ isPositive }) => !isPositive))
      wins += a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0;
  expect(auroc(cases)).toBeCloseTo(wins / 12, 12);
  expect(auroc(cases.filter(({ isPositive }) => isPositive))).toBeUndefined();
});

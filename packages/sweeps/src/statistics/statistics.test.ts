import { Random } from "@pixelvla/core";
import { expect, test } from "vitest";
import { mcnemarExact } from "./mcnemar.ts";
import { pairedDifference, type Pair } from "./paired-difference.ts";

// Reference: twice the smaller tail of the binomial distribution in exact rational arithmetic (Python's fractions).
test.each([
  [10, 2, 0.03857421875],
  [2, 10, 0.03857421875],
  [25, 9, 0.00904118549078703],
  [150, 100, 0.001883300935076157],
  [5, 5, 1],
  [0, 0, 1],
  [1000, 900, 0.02310884510890107],
])("McNemar's exact test for %i gained and %i lost gives %f", (gained, lost, pValue) => {
  expect(mcnemarExact(gained, lost)).toBeCloseTo(pValue, 9);
});

/** Pairs of `nSeeds` training seeds on the same layouts, with success rates `first` and `second`. */
function pairs(nLayouts: number, nSeeds: number, first: number, second: number, seed: string): Pair[] {
  const random = new Random(seed);
  return Array.from({ length: nLayouts * nSeeds }, (_, i) => ({
    layout: `pick/base/${i % nLayouts}`,
    seed: Math.floor(i / nLayouts),
    first: random.uniform() < first,
    second: random.uniform() < second,
  }));
}

test("the interval of independent pairs is that of the normal approximation", () => {
  const made = pairs(400, 1, 0.6, 0.7, "one seed");
  const { difference, low, high, nGained, nLost } = pairedDifference(made);
  const n = made.length;
  const spread = 1.96 * Math.sqrt((nGained + nLost - (nGained - nLost) ** 2 / n) / n ** 2);
  expect(difference).toBeCloseTo((nGained - nLost) / n, 12);
  expect(low).toBeCloseTo(difference - spread, 1.7);
  expect(high).toBeCloseTo(difference + spread, 1.7);
});

test("it contains a true difference of nothing about 95 times in 100", () => {
  const runs = Array.from({ length: 100 }, (_, i) => pairedDifference(pairs(60, 1, 0.5, 0.5, `null ${i}`)));
  const nCovered = runs.filter(({ low, high }) => low <= 0 && high >= 0).length;
  expect(nCovered).toBeGreaterThanOrEqual(89);
});

test("one good training seed among three does not make a difference certain", () => {
  const lucky = pairs(200, 3, 0.5, 0.5, "even").map((pair) => (pair.seed === 0 ? { ...pair, second: true } : pair));
  const { low, pValue } = pairedDifference(lucky);
  expect(pValue).toBeLessThan(0.001); // the test over pairs alone is fooled
  expect(low).toBeLessThanOrEqual(0.05);
});

test("without pairs nothing is known", () => {
  expect(pairedDifference([])).toMatchObject({ low: -1, high: 1, pValue: 1, nPairs: 0 });
});

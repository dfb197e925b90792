import fc from "fast-check";
import { expect, test } from "vitest";
import { gridViewOf, isUnfiltered, paramsOfFilter } from "./filter-params.ts";

const words = fc.array(
  fc.string({ minLength: 1 }).filter((text) => !text.includes("\n")),
  { maxLength: 3 },
);
const view = fc.record({
  filter: fc.record(
    {
      search: fc.string({ maxLength: 200 }),
      tasks: words,
      splits: words,
      annotation: fc.uniqueArray(fc.constantFrom("none", "accepted", "hard" as const)),
      minFrames: fc.nat(1e6),
      maxFrames: fc.nat(1e6),
    },
    { requiredKeys: ["search", "tasks", "splits", "annotation"] },
  ),
  sort: fc.record({
    by: fc.constantFrom("episodeIndex", "nFrames", "task" as const),
    direction: fc.constantFrom("ascending", "descending" as const),
  }),
});

test("every filter and order survives the address", () => {
  fc.assert(
    fc.property(view, (given) => {
      const params = Object.fromEntries(
        Object.entries(paramsOfFilter(given)).filter((pair): pair is [string, string] => Boolean(pair[1])),
      );
      expect(gridViewOf(params)).toEqual(given);
    }),
  );
});

test("an address that makes no sense filters nothing", () => {
  const { filter, sort } = gridViewOf({ min: "many", annotation: "odd", sort: "shoe:up" });
  expect(isUnfiltered(filter)).toBe(true);
  expect(sort).toEqual({ by: "episodeIndex", direction: "ascending" });
});

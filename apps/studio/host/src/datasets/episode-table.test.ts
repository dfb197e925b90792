import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { EpisodeTable } from "./episode-table.ts";
import { countFacets } from "./facets.ts";
import { readListCache, writeListCache } from "./list-cache.ts";

const NO_FILTER = { search: "", tasks: [], splits: [], annotation: [] };

function tableOf(n: number): EpisodeTable {
  const table = new EpisodeTable();
  for (let i = 0; i < n; i++)
    table.add({
      episodeIndex: i * 2,
      nFrames: 10 + (i % 5),
      task: `put the ${["Cup", "block"][i % 2]!} away`,
      split: i % 10 === 0 ? "val" : "train",
    });
  return table;
}

test("words, exact tasks, splits, lengths and numbers filter together", () => {
  const table = tableOf(5000);
  const count = (filter: object) => table.matching({ ...NO_FILTER, ...filter }).length;
  expect(count({})).toBe(5000);
  expect(count({ search: "CUP put" })).toBe(2500);
  expect(count({ search: "cup", splits: ["val"] })).toBe(500);
  expect(count({ tasks: ["put the block away"] })).toBe(2500);
  expect(count({ minFrames: 14 })).toBe(1000);
  expect(count({ maxFrames: 9 })).toBe(0);
  expect(count({ search: "1234" })).toBe(1);
  expect(table.row(table.matching({ ...NO_FILTER, search: "1234" })[0]!).episodeIndex).toBe(1234);
  table.setAnnotation(20, "rejected");
  expect(count({ annotation: ["rejected"] })).toBe(1);
});

test("sorting is stable in both directions", () => {
  const table = tableOf(100);
  for (const direction of ["ascending", "descending"] as const) {
    const rows = table.matching(NO_FILTER);
    table.sort(rows, { by: "nFrames", direction });
    const keys = Array.from(rows, (row) => [table.nFramesAt(row), row] as const);
    for (let i = 1; i < keys.length; i++) {
      const [[a, rowA], [b, rowB]] = [keys[i - 1]!, keys[i]!];
      expect(a === b ? rowA < rowB : direction === "ascending" ? a < b : a > b).toBe(true);
    }
  }
});

test("facets add up to what matches", () => {
  const facets = countFacets(tableOf(1000), { ...NO_FILTER, search: "cup" }, 1000);
  expect(facets).toMatchObject({
    nMatched: 500,
    nTotal: 1000,
    tasks: [{ value: "put the Cup away", n: 500 }],
    nTasks: 1,
  });
  expect(facets.lengths.counts.reduce((a, b) => a + b)).toBe(500);
});

test("a kept list gives the same rows for the same revision, and nothing for another or when damaged", async () => {
  const cache = mkdtempSync(join(tmpdir(), "pixelvla-list-"));
  onTestFinished(() => rmSync(cache, { recursive: true }));
  const table = tableOf(3000);
  await writeListCache(cache, "d-1", "r1", table);
  const kept = (await readListCache(cache, "d-1", "r1"))!;
  expect(kept).toHaveLength(3000);
  expect(kept[1234]).toEqual({ episodeIndex: 2468, nFrames: 14, task: "put the Cup away", split: "train" });
  expect(await readListCache(cache, "d-1", "r2")).toBeUndefined();
  writeFileSync(join(cache, "episodes", "d-1.json"), '{"version":1,"revision":"r1","episodeIndex":[1]');
  expect(await readListCache(cache, "d-1", "r1")).toBeUndefined();
});

test("100,000 episodes are filtered, sorted and counted in well under 100 ms", () => {
  const table = tableOf(100_000);
  const begun = process.cpuUsage();
  const rows = table.matching({ ...NO_FILTER, search: "cup" });
  table.sort(rows, { by: "task", direction: "descending" });
  countFacets(table, { ...NO_FILTER, search: "cup" }, 100_000);
  expect(process.cpuUsage(begun).user / 1000).toBeLessThan(400); // generous: a busy machine, not yet compiled code
});

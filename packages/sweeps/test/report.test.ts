import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { writeReport } from "../src/index.ts";
import { playedSweep, smallSweep } from "./sweep-fixture.ts";

const dir = playedSweep(smallSweep(), { Baseline: 0.4, "+FT": 0.5, "+FT+CAT": 0.5, PixelVLA: 0.9 });
const { report, files } = await writeReport(dir);
const read = (ending: string) =>
  readFileSync(
    files.find((file) => file.endsWith(ending))!,
    "utf8",
  );
const row = (arm: string) => report.rows.find((entry) => entry.arm === arm)!;

test("a cell counts every episode of its column and seeds", () => {
  const [seen, variants] = row("PixelVLA").cells;
  expect([seen!.n, variants!.n]).toEqual([2 * 20, 2 * 2 * 40]);
  expect(row("Baseline").cells.map(({ n }) => n)).toEqual([20, 80]);
  const { success, nSuccesses, perSeed } = variants!;
  expect(success.share).toBe(nSuccesses / 160);
  expect(success.low).toBeLessThan(success.share);
  expect(perSeed.map(({ n }) => n)).toEqual([80, 80]);
  expect((perSeed[0]!.share + perSeed[1]!.share) / 2).toBeCloseTo(success.share, 12);
});

test("arms are compared in pairs with the one that was named", () => {
  const { difference } = row("PixelVLA").cells[1]!;
  expect(difference!.nPairs).toBe(160);
  const gap = row("PixelVLA").cells[1]!.success.share - row("+FT").cells[1]!.success.share;
  expect(difference!.difference).toBeCloseTo(gap, 12);
  expect(difference!.low).toBeGreaterThan(0.1);
  expect(difference!.pValue).toBeLessThan(1e-6);
  expect(row("+FT").cells[1]!.difference).toBeUndefined();
  expect(row("Baseline").cells[1]!.difference!.nPairs).toBe(160); // the base has no seeds: it is paired with each
});

test("another arm can be compared with, in files of their own", async () => {
  const against = await writeReport(dir, { compare: "Baseline" });
  const { difference } = against.report.rows.find(({ arm }) => arm === "PixelVLA")!.cells[1]!;
  const gap = row("PixelVLA").cells[1]!.success.share - row("Baseline").cells[1]!.success.share;
  expect(difference!.difference).toBeCloseTo(gap, 12);
  expect(against.files.some((file) => files.includes(file))).toBe(false);
  await expect(writeReport(dir, { compare: "+PUE" })).rejects.toThrow('no arm is named "+PUE"');
});

test("the paper's numbers stand beside ours, where the file says which", () => {
  expect(row("+FT").cells.map(({ paper }) => paper)).toEqual([undefined, 37]);
  expect(row("PixelVLA").cells[1]!.paper).toBeUndefined();
});

test("work that is not done makes the report preliminary", () => {
  expect(report.unfinished).toHaveLength(16);
  expect(read(".md")).toContain("Preliminary: 16 pieces of work are not done");
});

test("every format carries the same numbers", () => {
  const { success, n, difference } = row("PixelVLA").cells[1]!;
  const share = (100 * success.share).toFixed(1);
  const gain = `+${(100 * difference!.difference).toFixed(1)}`;
  expect(read(".md")).toMatch(new RegExp(`\\| PixelVLA \\| automatic \\| ${share} \\[.*\\| 160 \\|.*\\${gain} \\[`));
  expect(read(".csv")).toContain(`openvla,PixelVLA,automatic,variants,${n},${Math.round(n * success.share)},`);
  expect(read(".tex")).toContain(`$${share}_{`);
  expect(read(".tex")).toContain("+FT"); // nothing that LaTeX would choke on is left bare
  expect(read(".tex").replaceAll("\\_", "").replaceAll("\\%", "")).not.toMatch(/[^$\\{]%(?! needs)/);
  const html = read(".html");
  expect(html).toContain(`<strong>${share}</strong>`);
  expect(html).toContain(gain);
  expect(html.match(/<svg /g)).toHaveLength(2);
  expect(html).not.toMatch(/(src|href)="(?!#)/); // self-contained
});

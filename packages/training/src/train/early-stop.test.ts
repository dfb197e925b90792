import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jobPaths } from "@pixelvla/jobs";
import { expect, test } from "vitest";
import { EarlyStop } from "./early-stop.ts";

test("patience counts evaluations in a row without a better one", () => {
  const stop = new EarlyStop(2);
  expect([5, 4, 4.5, 3, 3, 3.1].map((value) => stop.add(value))).toEqual([false, false, false, false, false, true]);
  expect(stop.best).toBe(3);
  const never = new EarlyStop(null);
  expect([1, 2, 3, 4].map((value) => never.add(value))).toEqual([false, false, false, false]);
});

test("a resumed run counts on from the evaluations in its metrics", async () => {
  const dir = mkdtempSync(join(tmpdir(), "pixelvla-early-"));
  const rows = [{ "val/loss": 2, "val/l1": 0.5 }, { loss: 1 }, { "val/loss": 1, "val/l1": 0.6 }];
  const text = rows.map((row, i) => `${JSON.stringify({ step: i, timeS: i, ...row })}\n`).join("");
  writeFileSync(jobPaths(dir).metrics, text);
  const stop = new EarlyStop(2);
  await stop.recall(dir, "val");
  expect(stop.best).toBe(0.5); // the L1, where there is one
  expect(stop.add(0.7)).toBe(true);
});

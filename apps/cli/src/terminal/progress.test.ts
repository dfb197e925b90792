import { expect, test } from "vitest";
import { formatDuration, formatTable } from "./output.ts";
import { progressText } from "./progress.ts";

test("a progress line shows count, note, rate and time left", () => {
  const update = { done: 120, total: 400, unit: "train steps", ratePerS: 4.1, etaS: 68, note: "loss 0.0412" };
  expect(progressText(update, false)).toBe("120/400 train steps  loss 0.0412  4.10/s  eta 1m08s");
  expect(progressText(update, true)).toBe(
    "[=======>                ]  120/400 train steps  loss 0.0412  4.10/s  eta 1m08s",
  );
});

test("durations read as a person would say them", () => {
  expect([31440, 185, 12, 0.4].map(formatDuration)).toEqual(["8h44m", "3m05s", "12s", "0s"]);
});

test("a table aligns numbers to the right and text to the left", () => {
  expect(
    formatTable([
      ["name", "n"],
      ["a", 5],
      ["long", 12],
    ]),
  ).toBe("name   n\na      5\nlong  12");
});

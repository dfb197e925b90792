import { expect, test, vi } from "vitest";
import { formatDuration, formatTable } from "./output.ts";
import { createProgress, progressText } from "./progress.ts";

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

test("the rate is measured anew when another kind of work begins", () => {
  vi.useFakeTimers({ now: 0 });
  const lines: string[] = [];
  const stream = { isTTY: false, write: (text: string) => lines.push(text) > 0 } as unknown as NodeJS.WriteStream;
  const progress = createProgress({ json: true, intervalMs: 0, stream });
  progress.update({ done: 0, total: 100, unit: "train steps" });
  vi.setSystemTime(100_000);
  progress.update({ done: 100, total: 100, unit: "train steps" });
  progress.update({ done: 0, total: 10, unit: "episodes" });
  vi.setSystemTime(102_000);
  progress.update({ done: 4, total: 10, unit: "episodes" });
  vi.useRealTimers();
  expect(JSON.parse(lines.at(-1)!)).toMatchObject({ done: 4, ratePerS: 2, etaS: 3 });
});

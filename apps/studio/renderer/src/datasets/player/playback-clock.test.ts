import fc from "fast-check";
import { expect, test } from "vitest";
import { clampFrame, frameAt, shuttle, withRangeEdge, type Playback } from "./playback-clock.ts";

const ten: Playback = { nFrames: 10, fps: 5, anchorFrame: 0, anchorMs: 0, rate: 1, range: { start: 0, end: 9 } };

test("a second at 5 frames a second is five frames on, and the end starts over", () => {
  expect(frameAt(ten, 1000)).toBe(5);
  expect(frameAt(ten, 1999)).toBe(9);
  expect(frameAt(ten, 2000)).toBe(0);
});

test("backwards passes the start to the end of the range", () => {
  const backwards = { ...ten, anchorFrame: 4, rate: -1, range: { start: 3, end: 6 } };
  expect(frameAt(backwards, 200)).toBe(3);
  expect(frameAt(backwards, 400)).toBe(6);
});

test("paused, time does not move the frame", () => {
  expect(frameAt({ ...ten, anchorFrame: 7, rate: 0 }, 1e9)).toBe(7);
});

test("every moment of every playback shows a frame of the range", () => {
  const playback = fc
    .tuple(fc.integer({ min: 1, max: 500 }), fc.nat(), fc.nat(), fc.nat())
    .map(([nFrames, a, b, at]) => {
      const [start, end] = [a % nFrames, b % nFrames].sort((p, q) => p - q) as [number, number];
      return { nFrames, range: { start, end }, anchorFrame: start + (at % (end - start + 1)) };
    });
  fc.assert(
    fc.property(playback, fc.constantFrom(-8, -1, 0.25, 1, 2), fc.nat(1e7), (shape, rate, nowMs) => {
      const frame = frameAt({ ...shape, fps: 30, anchorMs: 0, rate }, nowMs);
      expect(frame).toBeGreaterThanOrEqual(shape.range.start);
      expect(frame).toBeLessThanOrEqual(shape.range.end);
    }),
  );
});

test("L doubles up to eight, J turns round, K stops", () => {
  let rate = 0;
  const rates = (["l", "l", "l", "l", "l", "j", "j", "k"] as const).map((key) => (rate = shuttle(rate, key)));
  expect(rates).toEqual([1, 2, 4, 8, 8, -1, -2, 0]);
});

test("setting one end of the range past the other frees the other; setting it again clears it", () => {
  const all = { start: 0, end: 9 };
  expect(withRangeEdge(all, "start", 4, 10)).toEqual({ start: 4, end: 9 });
  expect(withRangeEdge({ start: 4, end: 9 }, "end", 2, 10)).toEqual({ start: 0, end: 2 });
  expect(withRangeEdge({ start: 4, end: 9 }, "start", 4, 10)).toEqual(all);
});

test("frames outside the episode are its first or last", () => {
  expect([clampFrame(-3, 10), clampFrame(99, 10), clampFrame(2.6, 10), clampFrame(0, 0)]).toEqual([0, 9, 3, 0]);
});

import { expect, test } from "vitest";
import { shortestSideFrame } from "../image/frame.ts";
import { bucketCanvas, exactCanvas, isPadded } from "./canvas.ts";

const limits = { shortest: 800, longest: 1333 };
const frame = (widthPx: number, heightPx: number) => shortestSideFrame({ widthPx, heightPx }, 800, 1333);

test("a whole picture is its own canvas", () => {
  const canvas = exactCanvas(frame(640, 480));
  expect(canvas).toEqual({ width: 1066, height: 800, pictureWidth: 1066, pictureHeight: 800 });
  expect(isPadded(canvas)).toBe(false);
});

test("regions of all shapes share 23 canvases, none smaller than the picture", () => {
  const seen = new Set<string>();
  for (let width = 20; width <= 2000; width += 60) {
    for (let height = 20; height <= 2000; height += 60) {
      const canvas = bucketCanvas(frame(width, height), limits);
      expect(canvas.width).toBeGreaterThanOrEqual(canvas.pictureWidth);
      expect(canvas.height).toBeGreaterThanOrEqual(canvas.pictureHeight);
      seen.add(`${canvas.width}x${canvas.height}`);
    }
  }
  expect(seen.size).toBeLessThanOrEqual(23);
});

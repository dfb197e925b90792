import type { BinaryMask, RgbImage } from "@pixelvla/data";
import { expect, test } from "vitest";
import { boxFit, colourShares, likeness } from "./likeness.ts";

const plain = (colour: readonly number[]): RgbImage => ({
  widthPx: 8,
  heightPx: 8,
  data: Uint8Array.from({ length: 8 * 8 * 3 }, (_, i) => colour[i % 3]!),
});
const whole: BinaryMask = { widthPx: 8, heightPx: 8, data: new Uint8Array(64).fill(1) };
const shares = (colour: readonly number[]) => colourShares(plain(colour), whole);

test("the same colour is alike, a little more light hardly less, another colour not at all", () => {
  const red = shares([200, 30, 30]);
  expect(red.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
  expect(likeness(red, red)).toBeCloseTo(1, 5);
  expect(likeness(red, shares([206, 34, 34]))).toBeGreaterThan(0.9);
  expect(likeness(red, shares([30, 190, 40]))).toBeLessThan(0.05);
  expect(likeness(shares([0, 0, 0]), shares([255, 255, 255]))).toBe(0);
});

test("only what is under the mask counts; nothing is like an empty mask", () => {
  const image = plain([120, 120, 120]);
  image.data.set([200, 30, 30], 0);
  const one: BinaryMask = { ...whole, data: Uint8Array.from({ length: 64 }, (_, i) => (i === 0 ? 1 : 0)) };
  expect(likeness(colourShares(image, one), shares([200, 30, 30]))).toBeCloseTo(1, 5);
  const empty: BinaryMask = { ...whole, data: new Uint8Array(64) };
  expect(likeness(colourShares(image, empty), shares([120, 120, 120]))).toBe(0);
});

test("boxes fit by their IoU", () => {
  expect(boxFit({ x0: 0, y0: 0, x1: 4, y1: 4 }, { x0: 2, y0: 0, x1: 6, y1: 4 })).toBeCloseTo(1 / 3, 6);
  expect(boxFit({ x0: 0, y0: 0, x1: 4, y1: 4 }, { x0: 4, y0: 0, x1: 6, y1: 4 })).toBe(0);
});

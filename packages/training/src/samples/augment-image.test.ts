import { Random } from "@pixelvla/core";
import { describe, expect, test } from "vitest";
import { augmentImage, augmentSchema, type AugmentOptions } from "./augment-image.ts";

const SIZE = { width: 12, height: 8 };
const picture = () => Float32Array.from({ length: 12 * 8 * 3 }, (_, i) => 0.25 + 0.5 * (((i * 37) % 101) / 100));
const NOTHING = { brightness: 0, contrast: 0, saturation: 0, hue: 0, shade: 0, exposure: 0, share: 1 };
const changed = (options: Partial<AugmentOptions>, seed = "a") => {
  const pixels = picture();
  augmentImage(pixels, SIZE, { ...NOTHING, ...options }, new Random(seed));
  return pixels;
};
const luma = (pixels: Float32Array, p: number) => 0.299 * pixels[p]! + 0.587 * pixels[p + 1]! + 0.114 * pixels[p + 2]!;

describe("augmentImage", () => {
  test("changes nothing when every strength is zero", () => {
    changed({}).forEach((value, i) => expect(value).toBeCloseTo(picture()[i]!, 3));
  });

  test("shifts brightness everywhere alike and draws the same for the same seed", () => {
    const pixels = changed({ brightness: 0.2 });
    const shift = pixels[0]! - picture()[0]!;
    expect(Math.abs(shift)).toBeGreaterThan(0.001);
    expect(Math.abs(shift)).toBeLessThanOrEqual(0.2);
    pixels.forEach((value, i) => expect(value - picture()[i]!).toBeCloseTo(shift, 3));
    expect(changed({ brightness: 0.2 })).toEqual(pixels);
    expect(changed({ brightness: 0.2 }, "b")).not.toEqual(pixels);
  });

  test("hue and saturation keep the luma and change the colour", () => {
    const pixels = changed({ hue: 0.05, saturation: 0.2 });
    const before = picture();
    expect(pixels).not.toEqual(before);
    for (let p = 0; p < pixels.length; p += 3) expect(luma(pixels, p)).toBeCloseTo(luma(before, p), 2);
  });

  test("contrast keeps each colour's mean and scales its spread by one factor", () => {
    const [pixels, before] = [changed({ contrast: 0.2 }), picture()];
    const channel = (all: Float32Array) => all.filter((_, i) => i % 3 === 1);
    const mean = (values: Float32Array) => values.reduce((a, b) => a + b, 0) / values.length;
    const spread = (values: Float32Array) => Math.max(...values) - Math.min(...values);
    expect(mean(channel(pixels))).toBeCloseTo(mean(channel(before)), 3);
    const factor = spread(channel(pixels)) / spread(channel(before));
    expect(factor).not.toBeCloseTo(1, 3);
    expect(Math.abs(factor - 1)).toBeLessThanOrEqual(0.2);
  });

  test("a shade is smooth: neighbours are changed alike, far corners are not", () => {
    const pixels = changed({ shade: 0.05 });
    const change = (x: number, y: number) => pixels[(y * 12 + x) * 3]! - picture()[(y * 12 + x) * 3]!;
    expect(Math.abs(change(3, 3) - change(4, 3))).toBeLessThan(0.06);
    expect(change(0, 0)).not.toBeCloseTo(change(11, 7), 3);
  });

  test("stays within the range of a picture however strong it is", () => {
    for (const seed of ["a", "b", "c", "d"]) {
      const pixels = changed({ brightness: 1, contrast: 1, saturation: 1, hue: 0.5, shade: 1 }, seed);
      expect(Math.min(...pixels)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...pixels)).toBeLessThanOrEqual(1);
    }
  });

  test("exposure multiplies every value by one factor, within its stops", () => {
    const factors = ["a", "b", "c", "d", "e", "f"].map((seed) => {
      const dim = picture().map((value) => value / 4);
      augmentImage(dim, SIZE, { ...NOTHING, exposure: 1 }, new Random(seed));
      const factor = (4 * dim[0]!) / picture()[0]!;
      dim.forEach((value, i) => expect(value).toBeCloseTo((factor * picture()[i]!) / 4, 3));
      return factor;
    });
    expect(Math.min(...factors)).toBeGreaterThanOrEqual(0.5);
    expect(Math.min(...factors)).toBeLessThan(1);
    expect(Math.max(...factors)).toBeGreaterThan(1);
    expect(Math.max(...factors)).toBeLessThanOrEqual(2);
  });

  test("leaves the share of pictures alone that it is told to", () => {
    const seeds = Array.from({ length: 400 }, (_, i) => `visit ${String(i)}`);
    const untouched = seeds.filter((seed) => changed({ brightness: 0.2, share: 0.25 }, seed)[0] === picture()[0]);
    expect(untouched.length / seeds.length).toBeCloseTo(0.75, 1);
  });

  test("its defaults are OpenVLA's", () => {
    expect(augmentSchema.parse({})).toEqual({
      brightness: 0.2,
      contrast: 0.2,
      saturation: 0.2,
      hue: 0.05,
      shade: 0,
      exposure: 0,
      share: 1,
    });
  });
});

import { expect, test } from "vitest";
import { parseSeeds } from "./seeds.ts";

test("seeds are whole numbers between commas or spaces", () => {
  expect(parseSeeds(" 0, 1 7 ")).toEqual({ seeds: [0, 1, 7] });
  expect(parseSeeds("")).toEqual({ seeds: [] });
});

test("what is no seed, or stands there twice, is said", () => {
  expect(parseSeeds("0, -1").error).toBe('"-1" is no whole number.');
  expect(parseSeeds("3 3").error).toBe("A seed stands there twice.");
});

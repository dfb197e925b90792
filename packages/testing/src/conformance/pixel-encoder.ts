import { Graph, gradients, mul, reduceSum, type PixelEncoderPlugin } from "@pixelvla/core";
import { describe, expect, test } from "vitest";
import { largestDifference, randomFeeds, runGraph, runGraphs } from "../run-graph.ts";
import { expectEveryParameterLearns } from "./gradients.ts";
import { describesItself } from "./options.ts";

const [BATCH, IMAGE, OUTPUT] = [2, 16, 8];
/** Grid and channels of the levels, shallow to deep. */
const LEVELS = [
  [8, 6],
  [4, 10],
] as const;

/** What every pixel-aware encoder keeps (Eq. 3); `options` fit two levels. */
export function pixelEncoderConformance(plugin: PixelEncoderPlugin, options: object): void {
  const parsed = plugin.options.parse(options);
  const build = () => {
    const g = new Graph();
    const levels = LEVELS.map(([grid, width], i) => g.input(`level${i}`, "float32", [BATCH, grid, grid, width]));
    const mask = g.input("mask", "float32", [BATCH, IMAGE, IMAGE]);
    const tokens = g.within("pixelEncoder", () => plugin.build(g, { levels, mask }, parsed, OUTPUT));
    return { g, levels, tokens };
  };
  /** Both samples' mask: the square from (4, 4) to (12, 12), whole cells of every level. */
  const square = () =>
    Float32Array.from({ length: BATCH * IMAGE * IMAGE }, (_, i) => {
      const [x, y] = [i % IMAGE, Math.floor(i / IMAGE) % IMAGE];
      return x >= 4 && x < 12 && y >= 4 && y < 12 ? 1 : 0;
    });
  const isInside = (cell: number, grid: number) => {
    const [x, y] = [cell % grid, Math.floor(cell / grid) % grid];
    return [x, y].every((at) => at >= grid / 4 && at < (3 * grid) / 4);
  };

  describe(plugin.name, () => {
    describesItself(plugin, options);

    test("gives E_p [B, Np, D] with the Np it announces", () => {
      expect(build().tokens.shape).toEqual([BATCH, plugin.tokenCount(parsed), OUTPUT]);
    });

    test("an all-zero mask pools zeros, whatever the image: the same as a mask over features of zero, never NaN", async () => {
      const { g, levels, tokens } = build();
      const nothing = new Float32Array(BATCH * IMAGE * IMAGE);
      const zeros = Object.fromEntries(
        LEVELS.map(([grid, width], i) => [`level${i}`, new Float32Array(BATCH * grid * grid * width)]),
      );
      const [first, second, blank] = await runGraphs(
        g,
        { tokens },
        { ...randomFeeds(g, {}, "one image"), mask: nothing },
        { ...randomFeeds(g, {}, "another"), mask: nothing },
        { ...zeros, mask: square() },
      );
      expect(first["tokens"]!.every(Number.isFinite)).toBe(true);
      expect(first["tokens"]).toEqual(second["tokens"]);
      expect(first["tokens"]).toEqual(blank["tokens"]);
      const [slope] = gradients(reduceSum(mul(tokens, tokens)), [levels[1]!]);
      const found = await runGraph(g, { slope: slope! }, { ...randomFeeds(g), mask: nothing });
      expect(found["slope"]!.every((value) => value === 0)).toBe(true);
    });

    test("pixels outside the mask do not change E_p, those inside do", async () => {
      const { g, tokens } = build();
      const plain = randomFeeds(g, { mask: square() });
      const changedWhere = (inside: boolean) =>
        Object.fromEntries(
          LEVELS.map(([grid, width], l) => [
            `level${l}`,
            (plain[`level${l}`] as Float32Array).map((value, i) =>
              isInside(Math.floor(i / width), grid) === inside ? value + 3 : value,
            ),
          ]),
        );
      const [found, outside, inside] = await runGraphs(
        g,
        { tokens },
        plain,
        { ...plain, ...changedWhere(false) },
        { ...plain, ...changedWhere(true) },
      );
      expect(outside["tokens"]).toEqual(found["tokens"]);
      expect(largestDifference(inside["tokens"]!, found["tokens"]!)).toBeGreaterThan(1e-3);
    });

    test("no sample of a batch sees another", async () => {
      const { g, tokens } = build();
      const feeds = randomFeeds(g, { mask: square() });
      const mask = square().fill(1, IMAGE * IMAGE); // the second sample's mask is the whole image
      const results = await runGraphs(g, { tokens }, feeds, { ...feeds, mask });
      const [found, other] = [results[0]["tokens"]!, results[1]["tokens"]!];
      const half = found.length / 2;
      expect(other.subarray(0, half)).toEqual(found.subarray(0, half));
      expect(largestDifference(other.subarray(half), found.subarray(half))).toBeGreaterThan(1e-4);
    });

    test("everything in it learns", async () => {
      const { g, tokens } = build();
      await expectEveryParameterLearns(g, [tokens], { mask: square() });
    });
  });
}

import { Graph, POINT_LABEL, type PromptEncoderPlugin } from "@pixelvla/core";
import { describe, expect, test } from "vitest";
import { largestDifference, randomFeeds, runGraphs } from "../run-graph.ts";
import { expectEveryParameterLearns } from "./gradients.ts";
import { describesItself } from "./options.ts";

const [BATCH, POINTS, IMAGE, OUTPUT] = [2, 4, 16, 8];

/** What every visual prompt encoder keeps: points, lines as points, box corners and masks, mixed and padded. */
export function promptEncoderConformance(plugin: PromptEncoderPlugin, options: object): void {
  const parsed = plugin.options.parse(options);
  const count = plugin.tokenCount(parsed, POINTS);
  const build = () => {
    const g = new Graph();
    const prompts = {
      points: g.input("points", "float32", [BATCH, POINTS, 2]),
      labels: g.input("labels", "int64", [BATCH, POINTS]),
      mask: g.input("mask", "float32", [BATCH, IMAGE, IMAGE]),
    };
    return { g, ...g.within("promptEncoder", () => plugin.build(g, prompts, parsed, OUTPUT)) };
  };
  const labelsOf = (...labels: number[]) => BigInt64Array.from([...labels, ...labels], BigInt);
  const { positive, negative, boxTopLeft, boxBottomRight, padding } = POINT_LABEL;
  const points = () => Float32Array.from({ length: BATCH * POINTS * 2 }, (_, i) => 0.1 + 0.05 * (i % (POINTS * 2)));
  const nothing = () => new Float32Array(BATCH * IMAGE * IMAGE);
  const square = () => nothing().map((_, i) => (i % IMAGE < 8 && Math.floor(i / IMAGE) % IMAGE < 8 ? 1 : 0));

  describe(plugin.name, () => {
    describesItself(plugin, options);

    test("gives E_s [B, Ns, D] and its validity [B, Ns] with the Ns it announces", () => {
      const { tokens, valid } = build();
      expect(tokens.shape).toEqual([BATCH, count, OUTPUT]);
      expect(valid.shape).toEqual([BATCH, count]);
    });

    test("padding is not valid, nor a mask that is not given; with no prompt at all everything is finite", async () => {
      const { g, tokens, valid } = build();
      const outputs = { tokens, valid };
      const none = { points: points(), labels: labelsOf(padding, padding, padding, padding), mask: nothing() };
      const labels = labelsOf(boxTopLeft, boxBottomRight, padding, positive);
      const [found, mixed, masked] = await runGraphs(
        g,
        outputs,
        none,
        { ...none, labels },
        { ...none, mask: square() },
      );
      expect(found["tokens"]!.every(Number.isFinite)).toBe(true);
      expect(found["valid"]!.every((value) => value === 0)).toBe(true);
      expect([...mixed["valid"]!.subarray(0, POINTS)]).toEqual([1, 1, 0, 1]);
      const ofMask = masked["valid"]!.subarray(POINTS, count);
      expect(ofMask.every((value) => value === 1)).toBe(true);
    });

    test("what stands in padding changes nothing that is valid", async () => {
      const { g, tokens } = build();
      const feeds = { points: points(), labels: labelsOf(positive, padding, negative, padding), mask: square() };
      const moved = points();
      for (const i of [1, 3, 5, 7]) moved.fill(0.9, 2 * i, 2 * i + 2);
      const results = await runGraphs(g, { tokens }, feeds, { ...feeds, points: moved });
      const [plain, other] = [results[0]["tokens"]!, results[1]["tokens"]!];
      for (const i of [0, 2])
        expect(other.subarray(i * OUTPUT, (i + 1) * OUTPUT)).toEqual(plain.subarray(i * OUTPUT, (i + 1) * OUTPUT));
    });

    test("place and label of a point both matter, and points in another order give tokens in that order", async () => {
      const { g, tokens } = build();
      const feeds = {
        points: points(),
        labels: labelsOf(positive, negative, boxTopLeft, boxBottomRight),
        mask: nothing(),
      };
      const swapped = points();
      swapped.set(points().subarray(2, 4), 0);
      swapped.set(points().subarray(0, 2), 2);
      const [plain, away, relabelled, reordered] = await runGraphs(
        g,
        { tokens },
        feeds,
        { ...feeds, points: points().fill(0.95, 0, 2) },
        { ...feeds, labels: labelsOf(negative, negative, boxTopLeft, boxBottomRight) },
        { ...feeds, points: swapped, labels: labelsOf(negative, positive, boxTopLeft, boxBottomRight) },
      );
      const token = (result: typeof plain, i: number) => result["tokens"]!.subarray(i * OUTPUT, (i + 1) * OUTPUT);
      expect(largestDifference(token(away, 0), token(plain, 0))).toBeGreaterThan(1e-3);
      expect(token(away, 1)).toEqual(token(plain, 1));
      expect(largestDifference(token(relabelled, 0), token(plain, 0))).toBeGreaterThan(1e-3);
      expect(largestDifference(token(reordered, 0), token(plain, 1))).toBeLessThan(1e-5);
      expect(largestDifference(token(reordered, 1), token(plain, 0))).toBeLessThan(1e-5);
    });

    test("the place of a mask matters, not its shape alone", async () => {
      const { g, tokens, valid } = build();
      const none = { points: points(), labels: labelsOf(padding, padding, padding, padding) };
      const away = nothing().map((_, i) => (i % IMAGE >= 8 && Math.floor(i / IMAGE) % IMAGE >= 8 ? 1 : 0));
      const [found, moved] = await runGraphs(
        g,
        { tokens, valid },
        { ...none, mask: square() },
        { ...none, mask: away },
      );
      for (let i = 0; i < count; i++) {
        if (found["valid"]![i] !== 1) continue;
        const token = (result: typeof found) => result["tokens"]!.subarray(i * OUTPUT, (i + 1) * OUTPUT);
        expect(largestDifference(token(moved), token(found))).toBeGreaterThan(1e-3);
      }
    });

    test("no sample of a batch sees another", async () => {
      const { g, tokens } = build();
      const feeds = randomFeeds(g, { points: points(), mask: square() });
      feeds["labels"] = labelsOf(positive, positive, negative, padding);
      const mask = square().fill(1, IMAGE * IMAGE);
      const results = await runGraphs(g, { tokens }, feeds, { ...feeds, mask });
      const [plain, other] = [results[0]["tokens"]!, results[1]["tokens"]!];
      expect(other.subarray(0, plain.length / 2)).toEqual(plain.subarray(0, plain.length / 2));
    });

    test("everything in it learns", async () => {
      const { g, tokens } = build();
      const labels = BigInt64Array.from(
        [positive, negative, boxTopLeft, boxBottomRight, padding, padding, positive, negative],
        BigInt,
      );
      await expectEveryParameterLearns(g, [tokens], { points: points(), labels, mask: square() });
    });
  });
}

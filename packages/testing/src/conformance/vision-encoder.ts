import { Graph, sizeOf, type VisionEncoderPlugin } from "@pixelvla/core";
import { describe, expect, test } from "vitest";
import { largestDifference, randomFeeds, runGraphs } from "../run-graph.ts";
import { expectEveryParameterLearns } from "./gradients.ts";
import { describesItself } from "./options.ts";

const BATCH = 2;

/** What every vision encoder keeps; `options` make it small enough to run in milliseconds. */
export function visionEncoderConformance(plugin: VisionEncoderPlugin, options: object): void {
  const parsed = plugin.options.parse(options);
  const [height, width] = plugin.imageSize(parsed);
  const build = () => {
    const g = new Graph();
    const image = g.input("image", "float32", [BATCH, height, width, 3]);
    return { g, ...g.within("visionEncoder", () => plugin.build(g, image, parsed)) };
  };
  const grey = () => new Float32Array(BATCH * height * width * 3).fill(0.4);

  describe(plugin.name, () => {
    describesItself(plugin, options);

    test("gives tokens [B, N, Dv] and levels [B, Hi, Wi, Di], none finer than the one before", () => {
      const { tokens, levels } = build();
      expect(tokens.shape).toHaveLength(3);
      expect(tokens.shape[0]).toBe(BATCH);
      expect(levels.length).toBeGreaterThan(0);
      const rows = levels.map(({ shape }) => shape[1]!);
      for (const level of levels) expect([level.shape.length, level.shape[0]]).toEqual([4, BATCH]);
      expect(rows).toEqual([...rows].sort((a, b) => b - a));
      expect(levels.at(-1)!.shape[1]! * levels.at(-1)!.shape[2]!).toBe(tokens.shape[1]);
    });

    test("is finite on black and on white, and no sample of a batch sees another", async () => {
      const { g, tokens, levels } = build();
      const outputs = Object.fromEntries([tokens, ...levels].map((tensor, i) => [`${i}`, tensor]));
      const half = sizeOf([height, width, 3]);
      const image = new Float32Array(2 * half).fill(1, half); // the first black, the second white
      const changed = image.slice().fill(0.3, half);
      const [found, other] = await runGraphs(g, outputs, { image }, { image: changed });
      for (const [name, values] of Object.entries(found)) {
        expect(values.every(Number.isFinite)).toBe(true);
        const [own, others] = [values.subarray(0, values.length / 2), values.subarray(values.length / 2)];
        expect(largestDifference(own, other[name]!.subarray(0, own.length))).toBeLessThan(1e-6);
        expect(largestDifference(others, other[name]!.subarray(own.length))).toBeGreaterThan(1e-4);
      }
    });

    test("a spot in the image changes the token and the cells of its own place most, row by row", async () => {
      const { g, tokens, levels } = build();
      const [, rows, columns] = levels.at(-1)!.shape as [number, number, number, number];
      const [row, column] = [rows - 1, Math.floor(columns / 2)];
      const spotted = grey();
      for (let y = (row * height) / rows; y < ((row + 1) * height) / rows; y++)
        for (let x = (column * width) / columns; x < ((column + 1) * width) / columns; x++)
          spotted.fill(1, (y * width + x) * 3, (y * width + x + 1) * 3);
      const outputs = { tokens, deepest: levels.at(-1)! };
      const [plain, found] = await runGraphs(g, outputs, { image: grey() }, { image: spotted });
      for (const name of ["tokens", "deepest"]) {
        const change = changeOfPlaces(plain[name]!, found[name]!, rows * columns);
        expect(change.indexOf(Math.max(...change)), name).toBe(row * columns + column);
      }
    });

    test("in an image that is everywhere the same the deepest cells still differ: what is pooled over a mask says where it lies", async () => {
      const { g, levels } = build();
      const deepest = levels.at(-1)!;
      const [, rows, columns, width] = deepest.shape as [number, number, number, number];
      const { deepest: found } = (await runGraphs(g, { deepest }, { image: grey() }))[0];
      const cell = (row: number, column: number) =>
        found!.subarray((row * columns + column) * width, (row * columns + column + 1) * width);
      const [row, column] = [rows >> 1, columns >> 1]; // away from the border, which padding tells apart
      expect(largestDifference(cell(row, column), cell(row - 1, column))).toBeGreaterThan(1e-3);
      expect(largestDifference(cell(row, column), cell(row, column - 1))).toBeGreaterThan(1e-3);
    });

    test("everything in it learns", async () => {
      const { g, tokens, levels } = build();
      const { image } = randomFeeds(g);
      await expectEveryParameterLearns(g, [tokens, ...levels], { image: image! });
    });
  });
}

/** Distance that each place's features moved in the first sample of `[B, places, D]`. */
function changeOfPlaces(before: Float32Array, after: Float32Array, places: number): number[] {
  const width = before.length / BATCH / places;
  return Array.from({ length: places }, (_, i) =>
    Math.hypot(...before.subarray(i * width, (i + 1) * width).map((value, k) => after[i * width + k]! - value)),
  );
}

import { Graph, type ProjectorPlugin } from "@pixelvla/core";
import { describe, expect, test } from "vitest";
import { largestDifference, randomFeeds, runGraphs } from "../run-graph.ts";
import { expectEveryParameterLearns } from "./gradients.ts";
import { describesItself } from "./options.ts";

const [BATCH, TOKENS, WIDTH] = [2, 5, 12];

/** What every projector keeps. */
export function projectorConformance(plugin: ProjectorPlugin, options: object = {}): void {
  const build = (outputDim: number) => {
    const g = new Graph();
    const tokens = g.input("tokens", "float32", [BATCH, TOKENS, WIDTH]);
    const projected = g.within("projector", () => plugin.build(g, tokens, plugin.options.parse(options), outputDim));
    return { g, projected };
  };

  describe(plugin.name, () => {
    describesItself(plugin, options);

    test.each([8, 16])("maps [B, N, Dv] to [B, N, %i]", (outputDim) => {
      expect(build(outputDim).projected.shape).toEqual([BATCH, TOKENS, outputDim]);
    });

    test("maps every token by itself and all alike, zeros to something finite", async () => {
      const { g, projected } = build(8);
      const tokens = randomFeeds(g)["tokens"] as Float32Array;
      tokens.fill(0, 0, WIDTH); // the first token is all zeros
      tokens.copyWithin(3 * WIDTH, 2 * WIDTH, 3 * WIDTH); // the fourth is the third again
      const changed = tokens.slice().fill(2, WIDTH, 2 * WIDTH); // another second token
      const [found, other] = await runGraphs(g, { projected }, { tokens }, { tokens: changed });
      const token = (result: typeof found, i: number) => result["projected"]!.subarray(8 * i, 8 * (i + 1));
      expect(found["projected"]!.every(Number.isFinite)).toBe(true);
      expect(largestDifference(token(found, 2), token(found, 3))).toBeLessThan(1e-6);
      expect(largestDifference(token(found, 1), token(other, 1))).toBeGreaterThan(1e-4);
      for (let i = 0; i < BATCH * TOKENS; i++)
        if (i !== 1) expect(largestDifference(token(found, i), token(other, i))).toBeLessThan(1e-6);
    });

    test("everything in it learns", async () => {
      const { g, projected } = build(8);
      await expectEveryParameterLearns(g, [projected]);
    });
  });
}

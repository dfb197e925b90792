import { expect, test } from "vitest";
import { keepQueries, phraseOfQuery, suppressOverlaps, tokensOf } from "./postprocess.ts";

const raw = {
  // Two queries, three tokens and one of padding.
  logits: Float32Array.of(-9, 2, -9, -1e9, -9, -3, -2, -1e9),
  boxes: Float32Array.of(0.5, 0.5, 0.2, 0.4, 0.1, 0.1, 0.4, 0.2),
  length: 4,
  nTokens: 3,
};

test("queries above the threshold come with boxes in pixels, not cut to the picture", () => {
  const kept = keepQueries(raw, 0.1, 200, 100);
  expect(kept.map(({ score }) => score.toFixed(4))).toEqual(["0.8808", "0.1192"]);
  expect((Object.values(kept[0]!.box) as number[]).map(Math.round)).toEqual([80, 30, 120, 70]);
  expect(Math.round(kept[1]!.box.x0)).toBe(-20);
  expect(keepQueries(raw, 0.5, 200, 100)).toHaveLength(1);
});

test("a label is made of the tokens above the threshold; the first and the model's last place never count", () => {
  const [query] = keepQueries({ ...raw, logits: Float32Array.of(9, 9, 9, -1e9) }, 0.5, 1, 1);
  expect(tokensOf(query!, [101, 7, 8], 0.5, 256)).toEqual([7, 8]);
  expect(tokensOf(query!, [101, 7, 8], 0.5, 3)).toEqual([7]);
});

test("a query belongs to the phrase of its surest token, marks aside", () => {
  const [query] = keepQueries({ ...raw, logits: Float32Array.of(9, 1, 2, -1e9) }, 0.5, 1, 1);
  expect(phraseOfQuery(query!, [-1, 0, 1])).toBe(1);
});

test("of overlapping boxes with one label the best stays; other labels are left alone", () => {
  const box = (x0: number, label: string, score: number) => ({ box: { x0, y0: 0, x1: x0 + 10, y1: 10 }, label, score });
  const found = [box(0, "a", 0.5), box(1, "a", 0.9), box(1, "b", 0.4), box(30, "a", 0.3)];
  expect(suppressOverlaps(found, 0.5).map(({ score }) => score)).toEqual([0.9, 0.4, 0.3]);
  expect(suppressOverlaps(found, 0.9)).toHaveLength(4);
});

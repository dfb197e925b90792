import {
  abs,
  add,
  cast,
  concat,
  defineAuxiliary,
  div,
  gatherElements,
  greater,
  greaterOrEqual,
  linear,
  logSoftmax,
  matmul,
  max,
  mul,
  neg,
  reduceSum,
  reshape,
  resizeAreaLike,
  slice,
  sub,
  transposeLast,
  where,
  type Graph,
  type Tensor,
} from "@pixelvla/core";
import { z } from "zod";

const options = z.strictObject({
  vocabulary: z.int().positive().default(2304).describe("Word ids to tell apart; at least the tokenizer's size"),
  words: z.number().nonnegative().default(0.5).describe("Share of naming the target's words from its tokens"),
  match: z.number().nonnegative().default(1).describe("Share of finding the target's tokens from its words"),
  offset: z
    .number()
    .nonnegative()
    .default(1)
    .describe("Share of the way from a token to the target's centre, in tokens"),
  shape: z
    .number()
    .nonnegative()
    .default(1)
    .describe("Share of how the target lies: the directions of its mask's second and fourth moments"),
});

/**
 * Dense supervision of the vision tokens by the target's mask and phrase, both arms of an ablation alike: which tokens the
 * phrase means (cross-entropy over tokens), which words the masked tokens mean, how far each masked token is from the
 * centre of the object, and how the object lies (a hand that has to turn must read that from them). The stand-in for a
 * pretrained vision-language model in policies trained from scratch.
 *
 * Tokens `[B, N, D]`, mask `[B, H, W]`, words `[B, W]`; frames without a visible target do not count.
 */
export const target = defineAuxiliary({
  name: "target",
  summary: "Vision tokens learn to name, find and centre the annotated target, and how it lies.",
  options,
  needsDecoder: false,
  build(g, { inputs, vision, projected, backbone }, parsed) {
    const [b, n, width] = projected.shape as [number, number, number];
    const level = vision.levels.at(-1)!;
    const coverage = reshape(resizeAreaLike(inputs.targetMask, level), [b, 1, n]);
    const area = reduceSum(coverage, [2], true); // [B, 1, 1]
    const weights = div(coverage, max(area, 1e-6)); // [B, 1, N], sums to 1
    const seen = reshape(cast(greater(area, 0), "float32"), [b]);
    const mean = (perSample: Tensor) => div(reduceSum(mul(perSample, seen)), max(reduceSum(seen), 1));

    const valid = cast(greaterOrEqual(inputs.targetWords, 0), "float32"); // [B, W]
    const ids = where(greaterOrEqual(inputs.targetWords, 0), inputs.targetWords, g.scalar(0, "int64"));
    const nWords = max(reduceSum(valid, [1]), 1); // [B]

    const pooled = reshape(matmul(weights, projected), [b, width]);
    const logWords = gatherElements(logSoftmax(linear(g, pooled, parsed.vocabulary, "word_head")), ids, 1);
    const words = mean(div(neg(reduceSum(mul(logWords, valid), [1])), nWords));

    const embedded = mul(backbone.embed(ids), reshape(valid, [b, valid.shape[1]!, 1]));
    const phrase = div(reduceSum(embedded, [1]), reshape(nWords, [b, 1])); // [B, D]
    const query = reshape(linear(g, phrase, width, "query"), [b, 1, width]);
    const logits = mul(matmul(query, transposeLast(linear(g, projected, width, "key"))), 1 / Math.sqrt(width)); // [B, 1, N]
    const match = mean(neg(reduceSum(mul(logSoftmax(logits), weights), [1, 2])));

    const [, rows, columns] = level.shape as [number, number, number, number];
    const middle = centre(g, inputs.targetMask, rows, columns);
    const predicted = linear(g, projected, 2, "offset_head"); // [B, N, 2]
    const distance = abs(sub(add(predicted, cellCentres(g, rows, columns)), middle));
    const offset = mean(mul(reduceSum(matmul(weights, distance), [1, 2]), 0.5));

    const lies = linear(g, projected, 4, "shape_head"); // [B, N, 4]
    const wrong = abs(sub(lies, directions(g, inputs.targetMask, middle, rows, columns)));
    const shape = mean(mul(reduceSum(matmul(weights, wrong), [1, 2]), 0.25));

    const parts = [mul(words, parsed.words), mul(match, parsed.match), mul(offset, parsed.offset)];
    const loss = [...parts, mul(shape, parsed.shape)].reduce((sum, part) => add(sum, part));
    return { loss, metrics: { words, match, offset, shape } };
  },
});

/** Column and row of each token's middle, in tokens: `[1, N, 2]`. */
function cellCentres(g: Graph, rows: number, columns: number): Tensor {
  const values = Array.from({ length: rows * columns }, (_, i) => [(i % columns) + 0.5, Math.floor(i / columns) + 0.5]);
  return g.constant("float32", [1, rows * columns, 2], Float32Array.from(values.flat()));
}

/** Centre of the mask's pixels, in tokens: `[B, 1, 2]`. An empty mask gives 0. */
export function centre(g: Graph, mask: Tensor, rows: number, columns: number): Tensor {
  const [b, height, width] = mask.shape as [number, number, number];
  const pixels = reshape(mask, [b, 1, height * width]);
  const sums = matmul(pixels, pixelPlaces(g, height, width, rows, columns)); // [B, 1, 2]
  return div(sums, max(reduceSum(pixels, [2], true), 1e-6));
}

/** Column and row of each pixel's middle, in tokens: `[H W, 2]`. */
function pixelPlaces(g: Graph, height: number, width: number, rows: number, columns: number): Tensor {
  const values = new Float32Array(2 * height * width);
  for (let i = 0; i < height * width; i++) {
    values[2 * i] = (((i % width) + 0.5) / width) * columns;
    values[2 * i + 1] = ((Math.floor(i / width) + 0.5) / height) * rows;
  }
  return g.constant("float32", [height * width, 2], values);
}

/**
 * How the mask lies, `[B, 1, 4]`: with z = dx + i dy from its centre, the sums of z^2 over that of |z|^2 and of z^4 over that of
 * |z|^4. The first points along a long object (twice its angle, as long as it is long), the second to a square's corners (four
 * times). An empty mask gives 0.
 */
export function directions(g: Graph, mask: Tensor, middle: Tensor, rows: number, columns: number): Tensor {
  const [b, height, width] = mask.shape as [number, number, number];
  const nPixels = height * width;
  const places = reshape(pixelPlaces(g, height, width, rows, columns), [1, nPixels, 2]);
  const away = sub(places, middle); // [B, H W, 2]
  const [x, y] = [slice(away, 2, 0, 1), slice(away, 2, 1, 2)];
  const [xx, yy] = [mul(x, x), mul(y, y)];
  const [re2, im2, abs2] = [sub(xx, yy), mul(mul(x, y), 2), add(xx, yy)];
  const [re4, im4, abs4] = [sub(mul(re2, re2), mul(im2, im2)), mul(mul(re2, im2), 2), mul(abs2, abs2)];
  const pixels = reshape(mask, [b, 1, nPixels]);
  const sums = matmul(pixels, concat([re2, im2, re4, im4, abs2, abs4], 2)); // [B, 1, 6]
  const size = (k: number) => max(slice(sums, 2, k, k + 1), 1e-6);
  return concat([div(slice(sums, 2, 0, 2), size(4)), div(slice(sums, 2, 2, 4), size(5))], 2);
}

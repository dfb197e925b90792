import {
  add,
  cast,
  concat,
  conv,
  cos,
  definePromptEncoder,
  div,
  equal,
  gelu,
  greater,
  greaterOrEqual,
  linear,
  matmul,
  max,
  mul,
  POINT_LABEL,
  reduceMean,
  reduceSum,
  reshape,
  resizeMask,
  sin,
  sqrt,
  sub,
  transpose,
  where,
  type Graph,
  type Tensor,
} from "@pixelvla/core";
import { z } from "zod";

const options = z.strictObject({
  width: z.int().positive().default(256).describe("Width of SAM's embeddings"),
  maskInput: z.int().positive().default(256).describe("Side of the mask prompt in px; four times the embedding grid"),
  maskChannels: z.int().positive().default(16).describe("Channels inside the mask branch"),
  maskLogit: z.number().positive().default(10).describe("Mask pixels enter as ± this logit"),
  hidden: z.int().positive().default(1024).describe("Hidden width of the MLP that maps to the backbone"),
  maskToken: z.boolean().default(true).describe("Add one token that summarises a mask prompt"),
});

type SamOptions = z.output<typeof options>;

/**
 * SAM's prompt encoder and an MLP: points, sampled line points, box corners and masks, mixed and padded -> E_s.
 * One token per prompt point and, if `maskToken`, one for the mask: the coverage-weighted mean of SAM's dense embedding and
 * dense positional encoding (its decoder adds the latter to the image): the first alone is the same wherever the mask lies.
 *
 * Source: PixelVLA §4.1 (visual prompting encoder); SAM's `PromptEncoder`, names and numerics.
 * Paper silent: how a mask becomes tokens, and Ns. Coordinates are fractions of the fitted image, so they move with it.
 */
export const samPrompt = definePromptEncoder({
  name: "sam",
  summary: "SAM's prompt encoder and an MLP: points, lines, boxes and masks (the paper's visual prompting encoder).",
  options,
  tokenCount: ({ maskToken }, promptPoints) => promptPoints + (maskToken ? 1 : 0),
  build(g, { points, labels, mask }, parsed, outputDim) {
    const sparse = embedPoints(g, points, labels, parsed.width); // [B, P, 256]
    const pointValid = cast(greaterOrEqual(labels, 0), "float32");
    let tokens = sparse;
    let valid = pointValid;
    if (parsed.maskToken) {
      const summary = maskSummary(g, mask, parsed); // [B, 1, 256], [B, 1]
      tokens = concat([sparse, summary.token], 1);
      valid = concat([pointValid, summary.valid], 1);
    }
    const projected = g.within("mlp", () => linear(g, gelu(linear(g, tokens, parsed.hidden, "0")), outputDim, "2"));
    return { tokens: projected, valid };
  },
});

/** Fourier features of positions in [0, 1] `[..., 2]` -> `[..., D]`: sin and cos of 2 pi (2 c - 1) G. */
export function positionFeatures(g: Graph, coordinates: Tensor, width: number): Tensor {
  const matrix = g.parameter("pe_layer.positional_encoding_gaussian_matrix", [2, width / 2], {
    kind: "normal",
    std: 1,
  });
  const centred = sub(mul(coordinates, 2), 1);
  const angles = mul(matmul(centred, matrix), 2 * Math.PI);
  return concat([sin(angles), cos(angles)], -1);
}

/** Sparse embeddings `[B, P, D]`: position features plus the embedding of the label; padding is its own embedding. */
export function embedPoints(g: Graph, points: Tensor, labels: Tensor, width: number): Tensor {
  const [b, p] = labels.shape as [number, number];
  const column = reshape(labels, [b, p, 1]);
  const row = (name: string) => reshape(g.parameter(name, [1, width], { kind: "normal", std: 1 }), [1, 1, width]);
  let embedded = positionFeatures(g, points, width);
  for (const label of [
    POINT_LABEL.negative,
    POINT_LABEL.positive,
    POINT_LABEL.boxTopLeft,
    POINT_LABEL.boxBottomRight,
  ]) {
    const here = equal(column, label);
    embedded = add(embedded, where(here, row(`point_embeddings.${label}.weight`), 0));
  }
  return where(equal(column, POINT_LABEL.padding), row("not_a_point_embed.weight"), embedded);
}

/** SAM's dense mask embedding `[B, D, m/4, m/4]` from logits `[B, 1, m, m]`. */
export function embedMask(
  g: Graph,
  logits: Tensor,
  { width, maskChannels }: Pick<SamOptions, "width" | "maskChannels">,
): Tensor {
  return g.within("mask_downscaling", () => {
    let x = convolve(g, logits, maskChannels / 4, 2, "0");
    x = gelu(channelNorm(g, x, "1"));
    x = convolve(g, x, maskChannels, 2, "3");
    x = gelu(channelNorm(g, x, "4"));
    return convolve(g, x, width, 1, "6");
  });
}

/** Dense embedding and position features averaged over the mask's cells (over all cells when it is empty), and whether there is a mask. */
function maskSummary(g: Graph, mask: Tensor, parsed: SamOptions): { token: Tensor; valid: Tensor } {
  const b = mask.shape[0]!;
  const side = parsed.maskInput;
  const binary = resizeMask(mask, side, side, { kernel: "bilinear" });
  const logits = reshape(mul(sub(mul(binary, 2), 1), parsed.maskLogit), [b, 1, side, side]);
  const dense = embedMask(g, logits, parsed); // [B, D, s, s]
  const cells = (side / 4) ** 2;
  const coverage = reshape(resizeMask(mask, side / 4, side / 4, { kernel: "area" }), [b, 1, cells]);
  const area = reduceSum(coverage, [2], true); // [B, 1, 1]
  const present = greater(area, 1e-6);
  const weights = where(present, div(coverage, max(area, 1e-6)), 1 / cells);
  const placed = add(reshapeToCells(dense, parsed.width, cells), densePositions(g, side / 4, parsed.width));
  const pooled = matmul(weights, placed); // [B, 1, D]
  return { token: pooled, valid: reshape(cast(present, "float32"), [b, 1]) };
}

/** Position features of the cells' centres, row by row: `[1, s * s, D]`, SAM's `get_dense_pe`. */
function densePositions(g: Graph, side: number, width: number): Tensor {
  const values = new Float32Array(2 * side * side);
  for (let cell = 0; cell < side * side; cell++) {
    values[2 * cell] = ((cell % side) + 0.5) / side;
    values[2 * cell + 1] = (Math.floor(cell / side) + 0.5) / side;
  }
  return g.reusing(() => positionFeatures(g, g.constant("float32", [1, side * side, 2], values), width));
}

/** `[B, D, s, s]` -> `[B, cells, D]`. */
function reshapeToCells(dense: Tensor, width: number, cells: number): Tensor {
  return transpose(reshape(dense, [dense.shape[0]!, width, cells]), [0, 2, 1]);
}

function convolve(g: Graph, x: Tensor, outputs: number, kernel: number, name: string): Tensor {
  const channels = x.shape[1]!;
  return g.within(name, () => {
    const weight = g.parameter("weight", [outputs, channels, kernel, kernel], {
      kind: "uniform",
      bound: 1 / Math.sqrt(channels * kernel * kernel),
    });
    const bias = g.parameter("bias", [outputs], { kind: "zeros" });
    return conv(x, weight, bias, { strides: [kernel, kernel] });
  });
}

/** Layer normalisation over the channels of `[B, C, H, W]`, epsilon 1e-6. */
function channelNorm(g: Graph, x: Tensor, name: string): Tensor {
  const c = x.shape[1]!;
  return g.within(name, () => {
    const weight = g.parameter("weight", [c], { kind: "ones" });
    const bias = g.parameter("bias", [c], { kind: "zeros" });
    const centred = sub(x, reduceMean(x, [1], true));
    const deviation = sqrt(add(reduceMean(mul(centred, centred), [1], true), 1e-6));
    return add(mul(div(centred, deviation), reshape(weight, [1, c, 1, 1])), reshape(bias, [1, c, 1, 1]));
  });
}

import {
  add,
  gemm,
  layerNorm,
  linear,
  matmul,
  max,
  mul,
  reduceMax,
  reshape,
  softmax,
  sub,
  transpose,
  transposeLast,
  type Graph,
  type Tensor,
} from "@pixelvla/core";

/** Logits further below the greatest one than this count as this much below it, so that half precision holds them. */
const LOGIT_FLOOR = -50000;

/** Picture and text features, `[N, D]` and `[T, D]`. */
export interface Modalities {
  readonly vision: Tensor;
  readonly text: Tensor;
}

export interface FusionMasks {
  /** `[T]`, added to logits of text keys: 0, or a large negative number for padding. */
  readonly text: Tensor;
  /** `[N]`, the same for picture keys; undefined where nothing is padding. */
  readonly vision: Tensor | undefined;
}

/**
 * Bi-directional cross attention: the picture looks at the text and the text at the picture through one matrix of
 * logits, each way with its own softmax.
 *
 * The picture has thousands of tokens and the text a few, so the picture's projections are moved to the text's side:
 * `(v Wq') k' = v (k Wq)'`, `P (v Wv' + b) = (P v) Wv' + b`, `(P t) Wo' = P (t Wo')`. The result is the same up to
 * rounding, for a fraction of the work (`heads * T` columns instead of `E`).
 *
 * Source: Grounding DINO §3.2 (feature enhancer), from GLIP; names of transformers' `GroundingDinoFusionLayer`.
 */
export function fusionLayer(
  g: Graph,
  inputs: Modalities,
  masks: FusionMasks,
  heads: number,
  inner: number,
): Modalities {
  const vision = layerNorm(g, inputs.vision, "layer_norm_vision");
  const text = layerNorm(g, inputs.text, "layer_norm_text");
  const [n, width] = vision.shape as [number, number];
  const length = text.shape[0]!;
  const columns = heads * length;
  const scale = (name: string) => g.parameter(name, [width], { kind: "constant", value: 1e-4 });
  const visionScale = scale("vision_param");
  const textScale = scale("text_param");

  return g.within("attn", () => {
    const keys = mul(splitText(linear(g, text, inner, "text_proj"), heads), (inner / heads) ** -0.5); // [heads, T, E / heads]
    const query = projection(g, "vision_proj", inner, width, heads);
    const folded = reshape(matmul(keys, query.weight), [columns, width]); // [heads T, D]
    const offset = reshape(matmul(keys, query.bias), [columns]);

    // The same logits twice, each with the axis of its softmax last.
    const byPicture = reshape(gemm(vision, folded, offset, 0, 1), [n, heads, length]);
    const byText = gemm(folded, vision, reshape(offset, [columns, 1]), 0, 1); // [heads T, N]
    const greatest = reduceMax(add(byPicture, masks.text));
    const lowered = (logits: Tensor) => max(sub(logits, greatest), LOGIT_FLOOR);
    const toText = reshape(softmax(add(lowered(byPicture), masks.text)), [n, columns]);
    const lowText = lowered(byText);
    const toPicture = softmax(masks.vision === undefined ? lowText : add(lowText, masks.vision));

    const textValues = splitText(linear(g, text, inner, "values_text_proj"), heads);
    const out = outputProjection(g, "out_vision_proj", inner, width, heads);
    const visionDelta = gemm(
      toText,
      mul(reshape(matmul(textValues, out.weight), [columns, width]), visionScale),
      mul(out.bias, visionScale),
    );

    const value = projection(g, "values_vision_proj", inner, width, heads);
    const pooled = reshape(matmul(toPicture, vision), [heads, length, width]);
    const textContext = add(matmul(pooled, transposeLast(value.weight)), transposeLast(value.bias)); // [heads, T, E / heads]
    const merged = reshape(transpose(textContext, [1, 0, 2]), [length, inner]);
    const textDelta = mul(linear(g, merged, width, "out_text_proj"), textScale);
    return { vision: add(vision, visionDelta), text: add(text, textDelta) };
  });
}

/** `[T, E]` -> `[heads, T, E / heads]`. */
function splitText(x: Tensor, heads: number): Tensor {
  const [t, e] = x.shape as [number, number];
  return transpose(reshape(x, [t, heads, e / heads]), [1, 0, 2]);
}

/** A projection `[inner, width]` by heads: weight `[heads, inner / heads, width]`, bias `[heads, inner / heads, 1]`. */
function projection(g: Graph, name: string, inner: number, width: number, heads: number) {
  return g.within(name, () => ({
    weight: reshape(g.parameter("weight", [inner, width], { kind: "uniform", bound: width ** -0.5 }), [
      heads,
      inner / heads,
      width,
    ]),
    bias: reshape(g.parameter("bias", [inner], { kind: "zeros" }), [heads, inner / heads, 1]),
  }));
}

/** A projection `[width, inner]` by heads of its input: weight `[heads, inner / heads, width]`, bias `[width]`. */
function outputProjection(g: Graph, name: string, inner: number, width: number, heads: number) {
  return g.within(name, () => ({
    weight: transpose(
      reshape(g.parameter("weight", [width, inner], { kind: "uniform", bound: inner ** -0.5 }), [
        width,
        heads,
        inner / heads,
      ]),
      [1, 2, 0],
    ),
    bias: g.parameter("bias", [width], { kind: "zeros" }),
  }));
}

import {
  add,
  cast,
  concat,
  cumSum,
  equal,
  expand,
  gather,
  gatherNd,
  max,
  mul,
  reduceMax,
  reduceSum,
  reshape,
  slice,
  sub,
  where,
  type Graph,
  type PrefixInput,
  type SpecialTokens,
  type Tensor,
} from "@pixelvla/core";

/** The prompt as one sequence: `[BOS] [vision] [rest of the text]`. */
export interface PromptSequence {
  /** `[B, 1 + N + T - 1, D]`. */
  readonly embeddings: Tensor;
  /** float32 `[B, N + T]`. */
  readonly valid: Tensor;
  /** int64 `[B, N + T]`: position numbers that skip padding. */
  readonly positions: Tensor;
  /** int64 `[B, 1]`: number of valid tokens. */
  readonly count: Tensor;
}

/**
 * Embeds the text, puts inserts in the place of their sentinels, and places the vision tokens after the first text
 * token (BOS), as OpenVLA does.
 */
export function assemblePrompt(
  g: Graph,
  prefix: PrefixInput,
  special: SpecialTokens,
  embed: (ids: Tensor) => Tensor,
  order: "bos-vision-text" | "vision-text" = "bos-vision-text",
): PromptSequence {
  const { vision, tokens } = prefix;
  const [b, t] = tokens.shape as [number, number];
  const n = vision.shape[1]!;
  let text = embed(tokens);
  let textValid = prefix.tokenValid;
  for (const insert of prefix.inserts) {
    const spliced = spliceInsert(g, tokens, text, textValid, insert.tokens, insert.valid, special[insert.sentinel]);
    text = spliced.text;
    textValid = spliced.valid;
  }
  const visionValid = prefix.visionValid ?? expand(g.scalar(1), [b, n]);
  const head = order === "bos-vision-text" ? 1 : 0;
  const embeddings = concat(head === 0 ? [vision, text] : [slice1(text, 0, head), vision, slice1(text, head, t)], 1);
  const valid = concat(
    head === 0 ? [visionValid, textValid] : [slice1(textValid, 0, head), visionValid, slice1(textValid, head, t)],
    1,
  );
  const running = cumSum(valid, 1); // [B, N + T]
  const positions = cast(max(sub(running, 1), 0), "int64");
  const count = cast(reduceSum(valid, [1], true), "int64");
  return { embeddings, valid, positions, count };
}

/** Replaces each occurrence k of `sentinel` in a row by insert token k, and takes over its validity. */
function spliceInsert(
  g: Graph,
  ids: Tensor,
  text: Tensor,
  textValid: Tensor,
  inserted: Tensor,
  insertedValid: Tensor | undefined,
  sentinel: number,
): { text: Tensor; valid: Tensor } {
  const [b, t] = ids.shape as [number, number];
  const [, n, d] = inserted.shape as [number, number, number];
  const here = equal(ids, g.scalar(sentinel, "int64")); // [B, T]
  const occurrence = max(sub(cumSum(cast(here, "float32"), 1), 1), 0); // which insert token stands here
  const rows = g.constant(
    "float32",
    [b, 1],
    Float32Array.from({ length: b }, (_, i) => i * n),
  );
  const clamped = where(here, occurrence, 0);
  const flat = cast(add(clamped, rows), "int64");
  const picked = reshape(gather(reshape(inserted, [b * n, d]), reshape(flat, [b * t]), 0), [b, t, d]);
  const valid =
    insertedValid === undefined
      ? textValid
      : where(
          here,
          mul(textValid, reshape(gather(reshape(insertedValid, [b * n]), reshape(flat, [b * t]), 0), [b, t])),
          textValid,
        );
  return { text: where(reshape(here, [b, t, 1]), picked, text), valid };
}

/** Hidden states `[B, D]` at each sample's last valid position of `hidden` `[B, T, D]`. */
export function lastValid(g: Graph, hidden: Tensor, valid: Tensor): Tensor {
  const [b, t] = valid.shape as [number, number];
  // Padding may lie between valid tokens and the end: the last position is where index * valid is largest.
  const indices = g.constant(
    "float32",
    [1, t],
    Float32Array.from({ length: t }, (_, i) => i),
  );
  const last = reshape(cast(reduceMax(mul(valid, indices), [1]), "int64"), [b, 1]);
  const rows = g.constant(
    "int64",
    [b, 1],
    BigInt64Array.from({ length: b }, (_, i) => BigInt(i)),
  );
  return gatherNd(hidden, concat([rows, last], 1));
}

function slice1(x: Tensor, start: number, end: number): Tensor {
  return slice(x, 1, start, end);
}

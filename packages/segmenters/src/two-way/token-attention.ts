import {
  add,
  gemm,
  linear,
  matmul,
  mul,
  reshape,
  softmax,
  reduceSum,
  transpose,
  type Graph,
  type Tensor,
} from "@pixelvla/core";

/**
 * Attention between T prompt tokens and N picture cells (T some ten, N 4096), as SAM's two-way transformer has it in both
 * directions. Projections of the cells are moved to the side of the tokens, `q . (W x) = (W' q) . x`, so that a product with
 * every cell has `heads * T` columns (56 for a click) instead of the projection's 128. Names and results are those of the
 * ordinary form; picture and tokens are `[1, N, D]` and `[1, T, D]`.
 */
export interface TokenAttention {
  /** Width of queries, keys and values, all heads together. */
  readonly inner: number;
  readonly heads: number;
  /** Name of the last projection: `out_proj` in SAM, `o_proj` in SAM 2. */
  readonly output: string;
}

/** Tokens look at the picture -> `[1, T, D]`. */
export function tokensToPicture(
  g: Graph,
  name: string,
  { queries, keys, values }: { readonly queries: Tensor; readonly keys: Tensor; readonly values: Tensor },
  { inner, heads, output }: TokenAttention,
): Tensor {
  const [, t, width] = queries.shape as [number, number, number];
  const d = inner / heads;
  return g.within(name, () => {
    const q = byHead(mul(linear(g, queries, inner, "q_proj"), 1 / Math.sqrt(d)), heads); // [H, T, d]
    const key = projection(g, "k_proj", inner, width);
    const asked = reshape(matmul(q, reshape(key.weight, [heads, d, width])), [heads * t, width]);
    // The key's bias shifts all logits of a row alike, which the softmax does not see; kept, as it costs nothing.
    const shift = reshape(reduceSum(mul(q, reshape(key.bias, [heads, 1, d])), [2]), [heads * t, 1]);
    const weights = softmax(gemm(asked, rows(keys), shift, 0, 1)); // [H T, N]
    const seen = reshape(gemm(weights, rows(values)), [heads, t, width]);
    const value = projection(g, "v_proj", inner, width);
    const mixed = add(
      matmul(seen, transpose(reshape(value.weight, [heads, d, width]), [0, 2, 1])),
      reshape(value.bias, [heads, 1, d]),
    );
    return linear(g, reshape(transpose(mixed, [1, 0, 2]), [1, t, inner]), width, output);
  });
}

/** The picture looks at tokens -> `[1, N, D]`. `mask` `[T]` is added to the logits: it hides unused tokens. */
export function pictureToTokens(
  g: Graph,
  name: string,
  {
    queries,
    keys,
    values,
    mask,
  }: { readonly queries: Tensor; readonly keys: Tensor; readonly values: Tensor; readonly mask: Tensor },
  { inner, heads, output }: TokenAttention,
): Tensor {
  const [, n, width] = queries.shape as [number, number, number];
  const t = keys.shape[1]!;
  const d = inner / heads;
  return g.within(name, () => {
    const k = byHead(mul(linear(g, keys, inner, "k_proj"), 1 / Math.sqrt(d)), heads); // [H, T, d]
    const query = projection(g, "q_proj", inner, width);
    const asking = reshape(matmul(k, reshape(query.weight, [heads, d, width])), [heads * t, width]);
    const shift = add(reduceSum(mul(k, reshape(query.bias, [heads, 1, d])), [2]), reshape(mask, [1, t])); // [H, T]
    const logits = gemm(rows(queries), asking, reshape(shift, [1, heads * t]), 0, 1); // [N, H T]
    const weights = reshape(softmax(reshape(logits, [n * heads, t])), [n, heads * t]);
    const v = byHead(linear(g, values, inner, "v_proj"), heads); // [H, T, d]
    const last = projection(g, output, width, inner);
    const spread = transpose(reshape(last.weight, [width, heads, d]), [1, 2, 0]); // [H, d, D]
    const told = reshape(matmul(v, spread), [heads * t, width]);
    return reshape(gemm(weights, told, reshape(last.bias, [1, width])), [1, n, width]);
  });
}

/** `[1, T, H * d]` -> `[H, T, d]`. */
function byHead(x: Tensor, heads: number): Tensor {
  const [, t, inner] = x.shape as [number, number, number];
  return transpose(reshape(x, [t, heads, inner / heads]), [1, 0, 2]);
}

/** `[1, N, D]` -> `[N, D]`. */
const rows = (x: Tensor): Tensor => reshape(x, x.shape.slice(1));

/** Weight `[outputs, inputs]` and bias `[outputs]` of a linear layer that is applied in another way. */
function projection(g: Graph, name: string, outputs: number, inputs: number) {
  return g.within(name, () => ({
    weight: g.parameter("weight", [outputs, inputs], { kind: "uniform", bound: 1 / Math.sqrt(inputs) }),
    bias: g.parameter("bias", [outputs], { kind: "zeros" }),
  }));
}

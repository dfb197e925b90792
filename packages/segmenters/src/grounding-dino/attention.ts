import { attention, linear, mergeHeads, reshape, splitHeads, type Graph, type Tensor } from "@pixelvla/core";

/**
 * Multi-head attention of one sample: queries and keys `[T, D]`, `[S, D]`, values `[S, D]` -> `[T, D]`; `mask` is added
 * to the logits `[1, heads, T, S]`. Parameters `query`, `key`, `value`, `out_proj`, as in `GroundingDinoMultiheadAttention`.
 */
export function multiheadAttention(
  g: Graph,
  inputs: { readonly queries: Tensor; readonly keys: Tensor; readonly values: Tensor; readonly mask?: Tensor },
  heads: number,
  name: string,
): Tensor {
  const width = inputs.queries.shape[1]!;
  return g.within(name, () => {
    const project = (x: Tensor, part: string) =>
      splitHeads(reshape(linear(g, x, width, part), [1, x.shape[0]!, width]), heads);
    const [q, k, v] = [project(inputs.queries, "query"), project(inputs.keys, "key"), project(inputs.values, "value")];
    const context = mergeHeads(attention(q, k, v, { mask: inputs.mask }));
    return linear(g, reshape(context, [inputs.queries.shape[0]!, width]), width, "out_proj");
  });
}

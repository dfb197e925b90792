import {
  add,
  at,
  attention,
  embedding,
  gather,
  gelu,
  layerNorm,
  linear,
  mergeHeads,
  reshape,
  splitHeads,
  type Graph,
  type Tensor,
} from "@pixelvla/core";
import type { BertConfig } from "./config.ts";

/**
 * BERT without pooling, post-norm: ids and positions `[T]` (int64), additive attention mask `[T, T]` -> `[T, D]`.
 * All tokens are of type 0. Names of transformers' `BertModel` as published.
 */
export function bertEncoder(g: Graph, ids: Tensor, positions: Tensor, mask: Tensor, config: BertConfig): Tensor {
  const { hidden_size: width, num_attention_heads: heads, layer_norm_eps: epsilon } = config;
  const length = ids.shape[0]!;
  let x = g.within("embeddings", () => {
    const words = embedding(g, ids, config.vocab_size, width, "word_embeddings");
    const places = embedding(g, positions, config.max_position_embeddings, width, "position_embeddings");
    const types = g.parameter("token_type_embeddings.weight", [config.type_vocab_size, width], {
      kind: "normal",
      std: 0.02,
    });
    const first = gather(types, g.constant("int64", [], BigInt64Array.of(0n)), 0);
    return layerNorm(g, add(add(words, first), places), "LayerNorm", { epsilon });
  });
  for (let i = 0; i < config.num_hidden_layers; i++) {
    x = g.within(`encoder.layer.${i}`, () => {
      const attended = g.within("attention", () => {
        const project = (name: string) => splitHeads(reshape(linear(g, x, width, name), [1, length, width]), heads);
        const context = g.within("self", () => attention(project("query"), project("key"), project("value"), { mask }));
        return g.within("output", () => {
          const out = linear(g, at(mergeHeads(context), 0, 0), width, "dense");
          return layerNorm(g, add(out, x), "LayerNorm", { epsilon });
        });
      });
      const up = gelu(linear(g, attended, config.intermediate_size, "intermediate.dense"));
      return g.within("output", () => {
        const out = linear(g, up, width, "dense");
        return layerNorm(g, add(out, attended), "LayerNorm", { epsilon });
      });
    });
  }
  return x;
}

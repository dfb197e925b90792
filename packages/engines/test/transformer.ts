import {
  add,
  applyRotary,
  attention,
  causalMask,
  crossEntropy,
  embedding,
  gelu,
  Graph,
  layerNorm,
  linear,
  mergeHeads,
  reshape,
  rotaryTables,
  slice,
  splitHeads,
  type Tensor,
} from "@pixelvla/core";

export interface TransformerSize {
  readonly vocab: number;
  readonly width: number;
  readonly heads: number;
  readonly blocks: number;
  readonly length: number;
}

/**
 * The pre-norm causal transformer of tools/peers/transformer.py: inputs `tokens` and `labels` int64 [B, T], cross-entropy
 * over labels that are not -100.
 */
export function buildTransformer(size: TransformerSize, batch: number): { g: Graph; loss: Tensor; logits: Tensor } {
  const { vocab, width, heads, blocks, length } = size;
  const g = new Graph();
  const tokens = g.input("tokens", "int64", [batch, length]);
  const labels = g.input("labels", "int64", [batch, length]);
  const rotary = rotaryTables(g, width / heads, length);
  const mask = causalMask(g, length);
  const block = (x: Tensor) => {
    const mixed = g.within("attn", () => {
      const joint = linear(g, layerNormNamed(g, x, "norm1"), 3 * width, "qkv", { bias: false });
      const [q, k, v] = [0, 1, 2].map((i) => splitHeads(slice(joint, -1, i * width, (i + 1) * width), heads)) as [
        Tensor,
        Tensor,
        Tensor,
      ];
      const seen = attention(applyRotary(q, rotary), applyRotary(k, rotary), v, { mask });
      return linear(g, mergeHeads(seen), width, "proj", { bias: false });
    });
    const middle = add(x, mixed);
    return add(
      middle,
      g.within("mlp", () =>
        linear(g, gelu(linear(g, layerNormNamed(g, middle, "norm2"), 4 * width, "fc1")), width, "fc2"),
      ),
    );
  };
  let x = embedding(g, tokens, vocab, width, "embed");
  for (let i = 0; i < blocks; i++) x = g.within(`blocks.${i}`, () => block(x));
  const logits = linear(g, layerNorm(g, x, "norm"), vocab, "head", { bias: false });
  return { g, loss: crossEntropy(reshape(logits, [batch, length, vocab]), labels), logits };
}

/** A layer norm named beside, not inside, the part that reads it, as the peer names it. */
function layerNormNamed(g: Graph, x: Tensor, name: string): Tensor {
  return g.withScope(g.scope.split(".").slice(0, -1).join("."), () => layerNorm(g, x, name));
}

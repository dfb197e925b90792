import {
  attention,
  linear,
  mergeHeads,
  reshape,
  resizeImage,
  slice,
  splitHeads,
  type Graph,
  type Tensor,
} from "@pixelvla/core";
import { positionStart, type PositionInit } from "./position-table.ts";

/** What differs between the public layouts of one and the same vision transformer. */
export interface VitNames {
  readonly patches: string;
  readonly classToken: string;
  readonly registers: string;
  readonly blocks: string;
  readonly scale1: string;
  readonly scale2: string;
  /** Position embeddings of `n` patches `[1, n, D]` and, where the table has a row for it, of the class token `[1, 1, D]`. */
  readonly positions: (
    g: Graph,
    n: number,
    width: number,
    init: PositionInit,
  ) => { patches: Tensor; classToken?: Tensor };
  /** Self-attention of normed tokens `[B, N, D]`, output projection included. */
  readonly attention: (g: Graph, x: Tensor, width: number, heads: number) => Tensor;
}

/** timm's and OpenVLA's: one fused `qkv` whose rows are q, k, v, each `[heads, head width]`. */
export const TIMM_NAMES: VitNames = {
  patches: "patch_embed.proj",
  classToken: "cls_token",
  registers: "reg_token",
  blocks: "blocks",
  scale1: "ls1.scale_factor",
  scale2: "ls2.scale_factor",
  positions: (g, n, width, init) => ({
    patches: g.parameter("pos_embed", [1, n, width], positionStart(init, Math.sqrt(n), width)),
  }),
  attention: (g, x, width, heads) =>
    g.within("attn", () => {
      const qkv = linear(g, x, 3 * width, "qkv");
      const part = (i: number) => splitHeads(slice(qkv, 2, i * width, (i + 1) * width), heads);
      return linear(g, mergeHeads(attention(part(0), part(1), part(2))), width, "proj");
    }),
};

/**
 * transformers' `Dinov2WithRegistersModel`: q, k and v apart; a position table of `grid` x `grid` patches with a row for the
 * class token first, resampled (bicubic, antialiased) where the image has another number of patches.
 */
export const huggingFaceDinoNames = (grid: number): VitNames => ({
  patches: "embeddings.patch_embeddings.projection",
  classToken: "embeddings.cls_token",
  registers: "embeddings.register_tokens",
  blocks: "encoder.layer",
  scale1: "layer_scale1.lambda1",
  scale2: "layer_scale2.lambda1",
  positions(g, n, width) {
    const table = g.parameter("embeddings.position_embeddings", [1, 1 + grid * grid, width], {
      kind: "normal",
      std: 0.02,
    });
    const side = Math.sqrt(n);
    const square = reshape(slice(table, 1, 1), [1, grid, grid, width]);
    const resized = resizeImage(square, side, side, { kernel: "bicubic", antialias: true });
    return { patches: reshape(resized, [1, n, width]), classToken: slice(table, 1, 0, 1) };
  },
  attention: (g, x, width, heads) =>
    g.within("attention", () => {
      const [q, k, v] = g.within("attention", () => {
        const project = (name: string) => splitHeads(linear(g, x, width, name), heads);
        return [project("query"), project("key"), project("value")] as const;
      });
      return linear(g, mergeHeads(attention(q, k, v)), width, "output.dense");
    }),
});

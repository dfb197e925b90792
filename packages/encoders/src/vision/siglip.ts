import {
  add,
  attention,
  defineVisionEncoder,
  gelu,
  layerNorm,
  linear,
  mergeHeads,
  patchEmbed,
  splitHeads,
  type Graph,
  type Tensor,
} from "@pixelvla/core";
import { z } from "zod";
import { positionInit, positionStart } from "./position-table.ts";
import { normaliseImage, toMap } from "./vit.ts";

const options = z.strictObject({
  image: z.int().positive().default(224).describe("Image height and width in px"),
  patch: z.int().positive().default(14).describe("Patch size in px"),
  width: z.int().positive().default(1152).describe("Embedding width"),
  depth: z.int().positive().default(27).describe("Number of blocks"),
  heads: z.int().positive().default(16).describe("Attention heads"),
  mlpWidth: z.int().positive().default(4304).describe("Width of the MLP's hidden layer"),
  activation: z
    .enum(["erf", "tanh"])
    .default("tanh")
    .describe("GELU variant: tanh in PaliGemma and Hugging Face files, erf in timm's"),
  positionInit,
  taps: z
    .array(z.int().nonnegative())
    .default([6, 12, 18, 26])
    .describe("Blocks (0-based) whose outputs are the levels of the pixel encoder"),
});

type SiglipOptions = z.output<typeof options>;

/**
 * SigLIP vision tower with its final norm, as PaliGemma and pi0 use it. Parameter names are those of Hugging Face's
 * `SiglipVisionModel` below `vision_model.`. Image `[B, H, W, 3]` in [0, 1] is mapped to [-1, 1].
 */
export const siglip = defineVisionEncoder({
  name: "siglip",
  summary: "SigLIP vision tower with final norm (PaliGemma, pi0).",
  options,
  imageSize: ({ image }) => [image, image],
  build(g, image, parsed) {
    const grid = parsed.image / parsed.patch;
    const normalised = normaliseImage(g, image, [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]);
    return g.within("vision_model", () => {
      const patches = patchEmbed(g, normalised, parsed.patch, parsed.width, "embeddings.patch_embedding");
      const positions = g.parameter(
        "embeddings.position_embedding.weight",
        [grid * grid, parsed.width],
        positionStart(parsed.positionInit, grid, parsed.width),
      );
      let x = add(patches, positions);
      const levels: Tensor[] = [];
      for (let i = 0; i < parsed.depth; i++) {
        x = g.within(`encoder.layers.${i}`, () => encoderLayer(g, x, parsed));
        if (parsed.taps.includes(i)) levels.push(toMap(x, grid, grid));
      }
      return { tokens: layerNorm(g, x, "post_layernorm", { epsilon: 1e-6 }), levels };
    });
  },
});

function encoderLayer(g: Graph, x: Tensor, { width, heads, mlpWidth, activation }: SiglipOptions): Tensor {
  const normed = layerNorm(g, x, "layer_norm1", { epsilon: 1e-6 });
  const attended = g.within("self_attn", () => {
    const project = (name: string) => splitHeads(linear(g, normed, width, name), heads);
    const [q, k, v] = [project("q_proj"), project("k_proj"), project("v_proj")];
    return linear(g, mergeHeads(attention(q, k, v)), width, "out_proj");
  });
  const middle = add(x, attended);
  const hidden = layerNorm(g, middle, "layer_norm2", { epsilon: 1e-6 });
  const mlp = g.within("mlp", () =>
    linear(g, gelu(linear(g, hidden, mlpWidth, "fc1"), activation === "tanh" ? "tanh" : "none"), width, "fc2"),
  );
  return add(middle, mlp);
}

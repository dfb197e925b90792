import { defineVisionEncoder } from "@pixelvla/core";
import { z } from "zod";
import { positionInit } from "./position-table.ts";
import { huggingFaceDinoNames, TIMM_NAMES } from "./vit-names.ts";
import { IMAGENET_STATISTICS, normaliseImage, toMap, vitFeatures } from "./vit.ts";

/**
 * DINOv2 with registers alone, read after its second-to-last block, prefix tokens dropped, without the final norm.
 * Parameter names are timm's (LayerScale as `ls1.scale_factor`, as in OpenVLA's files), or those of the released
 * `facebook/dinov2-with-registers-*` files (transformers' `Dinov2WithRegistersModel`), whose position table is resampled.
 */
export const dinov2 = defineVisionEncoder({
  name: "dinov2",
  summary: "DINOv2 ViT with register tokens.",
  options: z.strictObject({
    image: z.int().positive().default(224).describe("Image height and width in px"),
    patch: z.int().positive().default(14).describe("Patch size in px"),
    registers: z.int().nonnegative().default(4).describe("Register tokens"),
    width: z.int().positive().default(1024).describe("Embedding width"),
    depth: z
      .int()
      .positive()
      .default(24)
      .describe("Number of blocks in the checkpoint; blocks after the last tap are not built"),
    heads: z.int().positive().default(16).describe("Attention heads"),
    mlpWidth: z.int().positive().default(4096).describe("Width of the MLP's hidden layer"),
    positionInit,
    taps: z
      .array(z.int().nonnegative())
      .default([5, 11, 17, 22])
      .describe("Blocks (0-based) whose outputs are the levels of the pixel encoder"),
    naming: z.enum(["timm", "huggingface"]).default("timm").describe("Whose checkpoint the weights come from"),
    positionGrid: z
      .int()
      .positive()
      .default(37)
      .describe("Side of the position table in Hugging Face's files (518 px / 14)"),
  }),
  imageSize: ({ image }) => [image, image],
  build(g, image, { taps, naming, positionGrid, ...options }) {
    const grid = options.image / options.patch;
    const names = naming === "timm" ? TIMM_NAMES : huggingFaceDinoNames(positionGrid);
    const config = { ...options, names, classToken: true, layerScale: true, activation: "erf", epsilon: 1e-6 } as const;
    const normalised = normaliseImage(g, image, IMAGENET_STATISTICS.mean, IMAGENET_STATISTICS.std);
    const tapped = vitFeatures(g, normalised, config, [...taps, options.depth - 2]);
    return { tokens: tapped.at(-1)!, levels: tapped.slice(0, -1).map((t) => toMap(t, grid, grid)) };
  },
});

import { concat, defineVisionEncoder } from "@pixelvla/core";
import { z } from "zod";
import { positionInit } from "./position-table.ts";
import { IMAGENET_STATISTICS, normaliseImage, toMap, vitFeatures, type VitConfig } from "./vit.ts";

const towerSchema = z.strictObject({
  width: z.int().positive().describe("Embedding width"),
  depth: z.int().positive().describe("Number of blocks in the checkpoint; blocks after the last tap are not built"),
  heads: z.int().positive().describe("Attention heads"),
  mlpWidth: z.int().positive().describe("Width of the MLP's hidden layer"),
});

/**
 * DINOv2 (with registers) and SigLIP side by side, channels concatenated, DINOv2 first: OpenVLA's vision backbone.
 * Each tower is read after its second-to-last block, before the final norm. Levels are SigLIP's, for Eq. (3).
 *
 * Source: PixelVLA §4.1; OpenVLA's `PrismaticVisionBackbone`. Parameter names are those of `openvla/openvla-7b`.
 */
export const fusedDinoSiglip = defineVisionEncoder({
  name: "fused-dinov2-siglip",
  summary: "DINOv2 with registers and SigLIP, channels concatenated (OpenVLA's vision backbone).",
  options: z.strictObject({
    image: z.int().positive().default(224).describe("Image height and width in px"),
    patch: z.int().positive().default(14).describe("Patch size in px"),
    registers: z.int().nonnegative().default(4).describe("DINOv2 register tokens"),
    dino: towerSchema.default({ width: 1024, depth: 24, heads: 16, mlpWidth: 4096 }).describe("The DINOv2 tower"),
    siglip: towerSchema.default({ width: 1152, depth: 27, heads: 16, mlpWidth: 4304 }).describe("The SigLIP tower"),
    positionInit,
    taps: z
      .array(z.int().nonnegative())
      .default([6, 12, 18, 25])
      .describe("SigLIP blocks (0-based) whose outputs are the levels of the pixel encoder"),
  }),
  imageSize: ({ image }) => [image, image],
  build(g, image, options) {
    const grid = options.image / options.patch;
    const { patch, positionInit: init } = options;
    const shared = { patch, positionInit: init, epsilon: 1e-6, activation: "erf" } as const;
    const dinoConfig: VitConfig = {
      ...shared,
      ...options.dino,
      registers: options.registers,
      classToken: true,
      layerScale: true,
    };
    const siglipConfig: VitConfig = {
      ...shared,
      ...options.siglip,
      registers: 0,
      classToken: false,
      layerScale: false,
    };
    const siglipTap = options.siglip.depth - 2;

    const [dino] = g.within("featurizer", () =>
      vitFeatures(g, normaliseImage(g, image, IMAGENET_STATISTICS.mean, IMAGENET_STATISTICS.std), dinoConfig, [
        options.dino.depth - 2,
      ]),
    );
    const tapped = g.within("fused_featurizer", () =>
      vitFeatures(g, normaliseImage(g, image, [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]), siglipConfig, [
        ...options.taps,
        siglipTap,
      ]),
    );
    return {
      tokens: concat([dino!, tapped.at(-1)!], 2),
      levels: tapped.slice(0, -1).map((t) => toMap(t, grid, grid)),
    };
  },
});

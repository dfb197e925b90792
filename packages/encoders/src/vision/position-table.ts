import type { Initialiser } from "@pixelvla/core";
import { z } from "zod";

/** Option of every ViT: how a position table starts that no checkpoint fills. */
export const positionInit = z
  .enum(["normal", "sincos"])
  .default("normal")
  .describe(
    "How fresh position embeddings start: normal of spread 0.02 as in timm, or sine and cosine of row and column (MAE), which a small policy from scratch can tell apart at once",
  );

export type PositionInit = z.output<typeof positionInit>;

/**
 * Start values of a position table of `grid` x `grid` patches, row after row, `width` values each.
 *
 * `sincos` is MAE's table: a quarter of the width each for sine and cosine of the column, then of the row, at wavelengths from
 * 2 pi to 20,000 pi patches. Its values have root mean square 0.7, so that they are not drowned by the patch embeddings. A width
 * that 4 does not divide ends with zeros.
 *
 * Source: He et al., Masked Autoencoders Are Scalable Vision Learners, `get_2d_sincos_pos_embed`.
 */
export function positionStart(init: PositionInit, grid: number, width: number): Initialiser {
  if (init === "normal") return { kind: "normal", std: 0.02 };
  const quarter = Math.floor(width / 4);
  const values = new Float32Array(grid * grid * width);
  for (let patch = 0; patch < grid * grid; patch++)
    [patch % grid, Math.floor(patch / grid)].forEach((place, axis) => {
      for (let i = 0; i < quarter; i++) {
        const angle = place / 10_000 ** (i / quarter);
        const at = patch * width + 2 * axis * quarter + i;
        values[at] = Math.sin(angle);
        values[at + quarter] = Math.cos(angle);
      }
    });
  return { kind: "values", values };
}

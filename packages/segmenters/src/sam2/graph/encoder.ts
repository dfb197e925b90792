import { add, expand, reshape, type Graph, type Tensor } from "@pixelvla/core";
import type { Sam2Config } from "../config.ts";
import { hieraStages } from "./hiera.ts";
import { applyPointwise, chainPointwise, pointwise, pointwiseParameters } from "./layers.ts";

/** What a picture becomes; everything channels-last. Level 2 carries no "no memory" embedding yet. */
export interface EncodedLevels {
  /** `[1, S/4, S/4, D/8]`, through the decoder's `conv_s0`. */
  readonly highRes0: Tensor;
  /** `[1, S/8, S/8, D/4]`, through the decoder's `conv_s1`. */
  readonly highRes1: Tensor;
  /** `[1, S/16, S/16, D]`. */
  readonly embedding: Tensor;
}

/**
 * SAM 2's image encoder: Hiera, the feature pyramid's neck, and the projections that the mask decoder needs only once per
 * picture. Normalised picture `[1, 3, S, S]` -> three levels.
 *
 * Source: transformers `Sam2VisionModel` and `get_image_features`.
 */
export function imageEncoder(g: Graph, image: Tensor, config: Sam2Config): EncodedLevels {
  const { neck } = config;
  const stages = g.within("vision_encoder.backbone", () => hieraStages(g, image, config.backbone));
  const last = stages.length - 1;
  const topDown = (level: number) => level !== last && neck.topDownLevels.includes(level);
  const lateral = (level: number) => `vision_encoder.neck.convs.${last - level}`;
  const project = (level: number, outputs: number, name: string) => {
    const second = pointwiseParameters(g, neck.width, outputs, `mask_decoder.${name}`);
    // Without a coarser level added in between, the two projections are one.
    if (levels[level] !== undefined) return applyPointwise(levels[level], second);
    const first = pointwiseParameters(g, stages[level]!.shape[3]!, neck.width, lateral(level));
    return applyPointwise(stages[level]!, chainPointwise(first, second));
  };
  const levels: (Tensor | undefined)[] = [];
  for (let level = last; level >= 0; level--) {
    if (level < 2 && !topDown(level) && !topDown(level - 1)) continue;
    const own = pointwise(g, stages[level]!, neck.width, lateral(level));
    levels[level] = topDown(level) ? add(own, upsampleTwice(levels[level + 1]!)) : own;
  }
  return {
    highRes0: project(0, neck.width / 8, "conv_s0"),
    highRes1: project(1, neck.width / 4, "conv_s1"),
    embedding: levels[2]!,
  };
}

/** Nearest neighbour, `[B, H, W, C]` -> `[B, 2H, 2W, C]`. */
function upsampleTwice(x: Tensor): Tensor {
  const [b, h, w, c] = x.shape as [number, number, number, number];
  return reshape(expand(reshape(x, [b, h, 1, w, 1, c]), [b, h, 2, w, 2, c]), [b, 2 * h, 2 * w, c]);
}

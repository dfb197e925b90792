import { z } from "zod";
import { defineObjectDetector } from "../contracts.ts";
import { GroundingDinoDetector } from "./detector.ts";
import { openGroundingDino } from "./model.ts";

const probability = z.number().min(0).max(1);
const edge = z.int().min(32).max(4096);

const options = z.strictObject({
  folder: z
    .string()
    .min(1)
    .default("IDEA-Research/grounding-dino-tiny")
    .describe("Folder of the checkpoint, or its name below the models folder"),
  threshold: probability.default(0.35).describe("Least score of a box: its best token's probability"),
  textThreshold: probability.default(0.25).describe('Least probability of a token in a label; with labels "tokens"'),
  labels: z
    .enum(["phrases", "tokens"])
    .default("phrases")
    .describe("What a label is: the asked phrase a box fits best, or the text of all its tokens, as in transformers"),
  phrasesPerText: z
    .int()
    .positive()
    .optional()
    .describe(
      "Phrases asked for at once; 1 keeps them from competing, at the cost of a run each. Default: all that fit",
    ),
  overlapIou: probability
    .optional()
    .describe("Of boxes with one label that overlap more than this, only the best is kept. Default: all are kept"),
  shortestEdge: edge
    .optional()
    .describe(
      "Pictures are resized to this shortest side, px; smaller is faster and less exact. Default: the model's own",
    ),
  longestEdge: edge.optional().describe("... unless the longest side would pass this, px. Default: the model's own"),
  sizes: z
    .enum(["exact", "bucketed"])
    .default("exact")
    .describe(
      "exact: one compiled program for each picture size; bucketed: padded to few sizes, for pictures of many shapes. Regions are always bucketed",
    ),
  resize: z
    .enum(["torchvision", "pillow"])
    .default("torchvision")
    .describe("Whose resize is followed bit for bit: torchvision's (transformers 5) or Pillow's (the authors' code)"),
  keepCompiled: z.int().positive().default(4).describe("Picture sizes kept compiled"),
});

/**
 * Grounding DINO, tiny and base: boxes for phrases that nobody trained it for.
 *
 * Source: Liu et al., "Grounding DINO: Marrying DINO with Grounded Pre-Training for Open-Set Object Detection";
 * checkpoints and numerics of transformers' `IDEA-Research/grounding-dino-*`.
 */
export const groundingDino = defineObjectDetector({
  name: "grounding-dino",
  summary: "Grounding DINO (tiny, base): finds what phrases name.",
  options,
  async open({ folder: nameOrPath, phrasesPerText, overlapIou, shortestEdge, longestEdge, ...settings }, context) {
    const model = await openGroundingDino(nameOrPath, context.modelsDir);
    const shortest = shortestEdge ?? model.shortestEdge;
    // A smaller shortest side alone keeps the model's proportions of the two.
    const longest = longestEdge ?? Math.round((model.longestEdge * shortest) / model.shortestEdge);
    const sized = { ...settings, phrasesPerText, overlapIou, shortestEdge: shortest, longestEdge: longest };
    return new GroundingDinoDetector(model, sized, context);
  },
});

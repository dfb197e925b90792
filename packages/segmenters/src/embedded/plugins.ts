import { z } from "zod";
import { defineObjectDetector, defineSegmenter, defineTracker } from "../contracts.ts";
import { ColourShapeDetector } from "./colour-shape-detector.ts";
import { CutSegmenter } from "./cut-segmenter.ts";
import { PartsModel } from "./parts/parts-model.ts";
import { ColourTracker } from "./tracking/colour-tracker.ts";

const options = z.strictObject({
  tabletop: z
    .boolean()
    .default(true)
    .describe("Use the small network trained on the tabletop benchmark: shapes, drawers and the robot need it"),
});

/** Object detector by colour and shape; no download. */
export const colourShape = defineObjectDetector({
  name: "colour-shape",
  summary: "Colours and shapes that the phrase names; embedded, for the tabletop and plainly coloured things",
  options,
  open: async ({ tabletop }, context) => new ColourShapeDetector(tabletop ? await PartsModel.open(context) : undefined),
});

/** Promptable segmenter by graph cuts; no download. */
export const grabcut = defineSegmenter({
  name: "grabcut",
  summary: "Graph cuts on colours from points, box or mask; embedded, for things unlike their surroundings in colour",
  options,
  open: async ({ tabletop }, context) => new CutSegmenter(tabletop ? await PartsModel.open(context) : undefined),
});

/** Tracker of masks by colour and position; no download. */
export const colourTracker = defineTracker({
  name: "colour-tracker",
  summary: "Follows masks by colour and position and finds again what was hidden; embedded",
  options,
  async open({ tabletop }, context) {
    const parts = tabletop ? await PartsModel.open(context) : undefined;
    return new ColourTracker(new CutSegmenter(parts), parts);
  },
});

import { join } from "node:path";
import { root } from "./studio.ts";

/** Two arms, two training seeds, two layouts: every part of a real sweep, none of it for hours. */
export const SMALL_SWEEP = {
  version: 1,
  name: "two-by-two",
  title: "With and without the pixel stage",
  seeds: [0, 1],
  families: {
    openvla: {
      recipe: join(root, "recipes", "tabletop-pixelvla-openvla-tiny.yaml"),
      base: { init: "tabletop-openvla-tiny" },
    },
  },
  without: ["training.trainable"],
  set: {
    "training.pretrain": null,
    "training.data.statistics": "init",
    "training.steps": 40,
    "training.batchSize": 4,
    "training.schedule.warmupSteps": 1,
  },
  arms: [
    { name: "Text only", stages: [{ set: { "training.stage": "finetune" } }] },
    { name: "PixelVLA", stages: [{ set: { "training.stage": "stage2" } }] },
  ],
  evaluation: { tasks: ["pick"], episodes: 2 },
  evaluations: [{ name: "exact", maskSource: "exact" }],
  columns: [{ name: "seen objects", variants: ["base"] }],
};

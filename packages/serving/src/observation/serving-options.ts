import { parseConfig, type Recipe } from "@pixelvla/core";
import { z } from "zod";

/** Robots and simulators whose clients are understood; see `EMBODIMENTS`. */
export const EMBODIMENT_NAMES = ["passthrough", "widowx", "google-robot", "libero", "droid", "aloha"] as const;
export type EmbodimentName = (typeof EMBODIMENT_NAMES)[number];

/** The `serving` part of a recipe. What is left out comes from the embodiment. */
export const servingOptionsSchema = z.strictObject({
  embodiment: z
    .enum(EMBODIMENT_NAMES)
    .default("passthrough")
    .describe("Whose clients are served: observation keys, state, gripper and rotation conventions"),
  imageKeys: z
    .array(z.string())
    .min(1)
    .optional()
    .describe("Keys under which the camera image may come, first match; a/b also finds b inside a"),
  stateKeys: z
    .array(z.array(z.string()).min(1))
    .optional()
    .describe("Alternatives of keys whose values are joined to the state"),
  stateIndices: z
    .array(z.int().nonnegative())
    .optional()
    .describe("Entries of the client's state the policy was trained on, in order"),
  unnormKeys: z
    .array(z.string())
    .default([])
    .describe("Further names of the dataset that OpenVLA clients may give as unnorm_key, e.g. bridge_orig"),
  rotate180: z
    .boolean()
    .default(false)
    .describe("Turn the image by 180 degrees first (clients that send LIBERO's raw frames)"),
  centreCropArea: z
    .number()
    .positive()
    .max(1)
    .default(1)
    .describe("Share of the image's area kept by a centre crop, 0.9 for policies trained with random crops"),
});
export type ServingOptions = z.output<typeof servingOptionsSchema>;

/** Reads a recipe's serving options. @throws PVLA_CONFIG */
export const servingOptions = (recipe: Pick<Recipe, "serving">): ServingOptions =>
  parseConfig(servingOptionsSchema, recipe.serving, "Reading recipe", "serving");

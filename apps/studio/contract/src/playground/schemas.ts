import { z } from "zod";
import { datasetIdSchema } from "../datasets.ts";
import { runIdSchema } from "../runs.ts";

/**
 * Room "Playground": a checkpoint, a picture, an instruction and drawn prompts, and what the policy makes of them.
 *
 * Letters: Nc steps of a chunk, A action width, L layers, N vision tokens. Places in the picture are in its own pixels, x to the right, y down.
 */

/** Which checkpoint: a run's latest, or the one of a train step. */
export const checkpointSchema = z.strictObject({ runId: runIdSchema, step: z.int().nonnegative().optional() });

/** Which picture: a frame of a dataset, or one the user dropped. */
export const pictureSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("frame"),
    datasetId: datasetIdSchema,
    episodeIndex: z.int().nonnegative(),
    frameIndex: z.int().nonnegative(),
    camera: z.string().max(200),
  }),
  z.strictObject({ kind: z.literal("dropped"), pictureId: z.string().regex(/^[0-9a-f]{64}$/) }),
]);

/** A picture the user drops; the renderer scales it down first, as messages are limited to 1 MiB. */
export const addPictureSchema = z.strictObject({
  base64: z.base64().max(900_000).describe("A PNG, JPEG or WebP file"),
});

const pixel = z.number().min(-10).max(20_000);
const placeSchema = z.tuple([pixel, pixel]);
/** An 8-bit PNG of the picture's size, above 127 on the object. */
const maskPngSchema = z.base64().max(700_000);

/** What the user drew. */
export const drawnSchema = z.strictObject({
  points: z
    .array(z.strictObject({ x: pixel, y: pixel, isObject: z.boolean() }))
    .max(64)
    .default([]),
  lines: z.array(z.array(placeSchema).min(2).max(64)).max(16).default([]),
  box: z.strictObject({ x0: pixel, y0: pixel, x1: pixel, y1: pixel }).optional(),
  maskPng: maskPngSchema.optional().describe("A brushed mask; taken as it is"),
});

/** Kinds of visual prompt a policy can be given, as in the paper. */
export const drawnKinds = ["point", "line", "box", "mask"] as const;
export type DrawnKind = (typeof drawnKinds)[number];

export const drawnMaskSchema = z.strictObject({ picture: pictureSchema, drawn: drawnSchema });

export const predictSchema = z.strictObject({
  checkpoint: checkpointSchema,
  picture: pictureSchema,
  instruction: z.string().max(2000).optional().describe("Default: the episode's own"),
  mask: maskPngSchema.optional().describe("The mask that the prompts gave; without it the policy gets no pixel prompt"),
  drawn: drawnSchema.prefault({}),
  promptKind: z.enum(drawnKinds).default("mask").describe("Which of the drawn prompts the policy is given"),
});

export type CheckpointChoice = z.output<typeof checkpointSchema>;
export type PictureChoice = z.output<typeof pictureSchema>;
export type Drawn = z.output<typeof drawnSchema>;
export type DrawnMaskRequest = z.output<typeof drawnMaskSchema>;
export type PredictRequest = z.output<typeof predictSchema>;

import { z } from "zod";
import { runIdSchema } from "../runs.ts";

/** Room "Bench": closed-loop rollouts on the tabletop benchmark, watched live, launched as jobs, replayed. */

const nameSchema = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, "a name from bench.choices");

/** Who acts. */
export const playerSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("builtin"), name: z.enum(["expert", "random", "null"]) }),
  z.strictObject({ kind: z.literal("run"), runId: runIdSchema, step: z.int().nonnegative().optional() }),
  z.strictObject({
    kind: z.literal("server"),
    url: z.url({ protocol: /^(ws|wss|http|https)$/ }).max(500),
  }),
]);

/** How episodes are shown to the policy and how they end; names as in `pixelvla bench run`. */
export const rolloutOptionsSchema = z.strictObject({
  maskSource: nameSchema.default("none"),
  maskTime: z.enum(["first", "every"]).default("first"),
  promptKind: z.enum(["point", "line", "box", "mask"]).default("mask"),
  executeSteps: z.int().min(1).max(64).default(4),
  imageSizePx: z.int().min(16).max(256).default(64),
  end: z.enum(["limit", "settled"]).default("settled"),
});

const embodimentSchema = z.enum(["widowx", "google-robot"]);
const seedSchema = z.int().min(0).max(1_000_000_000);

export const episodeKeySchema = z.strictObject({
  embodiment: embodimentSchema,
  task: nameSchema,
  variant: nameSchema,
  seed: seedSchema,
});

/** Names one rollout that is watched, chosen by who watches: the same connection controls it. */
export const watchIdSchema = z.string().regex(/^[A-Za-z0-9-]{8,64}$/);

export const watchSchema = z.strictObject({
  watchId: watchIdSchema,
  player: playerSchema,
  episode: episodeKeySchema,
  options: rolloutOptionsSchema.prefault({}),
  stepMs: z.int().min(0).max(2000).default(80).describe("Least time between two env steps"),
  isPaused: z.boolean().default(false),
});

export const controlSchema = z.strictObject({
  watchId: watchIdSchema,
  command: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("pause") }),
    z.strictObject({ kind: z.literal("play") }),
    z.strictObject({ kind: z.literal("step") }),
    /** Moves an object towards a place on the table, metres, at most a few centimetres an env step. */
    z.strictObject({
      kind: z.literal("push"),
      objectId: z.string().max(64),
      xM: z.number().min(-1).max(1),
      yM: z.number().min(-1).max(1),
    }),
    z.strictObject({ kind: z.literal("release") }),
  ]),
});

export const launchEvaluationSchema = z.strictObject({
  player: playerSchema,
  embodiment: embodimentSchema,
  tasks: z.array(nameSchema).min(1).max(20),
  variants: z.array(nameSchema).min(1).max(40),
  nEpisodes: z.int().min(1).max(10_000),
  firstSeed: seedSchema.default(0),
  options: rolloutOptionsSchema.prefault({}),
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/, "letters, digits, dot, dash and underscore, at most 80")
    .optional(),
});

export const evaluationSchema = z.strictObject({ runId: runIdSchema });
/** One episode of an evaluation, by its line. */
export const savedEpisodeSchema = z.strictObject({ runId: runIdSchema, line: z.int().nonnegative() });

export type Player = z.output<typeof playerSchema>;
export type BenchEpisodeKey = z.output<typeof episodeKeySchema>;
export type BenchOptions = z.output<typeof rolloutOptionsSchema>;
export type WatchRequest = z.output<typeof watchSchema>;
export type ControlRequest = z.output<typeof controlSchema>;
export type ControlCommand = ControlRequest["command"];
export type LaunchEvaluation = z.output<typeof launchEvaluationSchema>;

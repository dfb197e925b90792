import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { MASK_SOURCES, MASK_TIMES, PROMPT_KINDS, TASKS, VARIANTS } from "@pixelvla/bench";
import { parseConfig } from "@pixelvla/core";
import { parse } from "yaml";
import { z } from "zod";
import { unreadableSweep } from "../errors.ts";

const settings = z
  .record(z.string(), z.unknown())
  .default({})
  .describe("Recipe keys and their values, e.g. training.steps: 400");
const variantNames = VARIANTS.map(({ name }) => name) as [string, ...string[]];

const base = z.union([
  z.strictObject({ init: z.string().min(1).describe("Run, checkpoint folder or shipped base to start from") }),
  z.strictObject({ recipe: z.string().describe("Recipe that trains the base, once for all arms"), set: settings }),
]);

/** A sweep: families x arms x seeds, each trained in stages from its family's base and evaluated on the same episodes. */
export const sweepSchema = z.strictObject({
  version: z.literal(1),
  name: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .describe("Name of the sweep's folder"),
  title: z.string().describe("Heading of its report"),
  description: z.string().default("").describe("What it asks, in a few sentences"),
  seeds: z.array(z.int().nonnegative()).min(1).describe("Training seeds; every arm is trained with each"),
  families: z
    .record(
      z.string().regex(/^[a-z0-9]+$/),
      z.strictObject({ recipe: z.string().describe("Recipe of the arms' stages, relative to this file"), base }),
    )
    .describe("Policies the sweep is run on"),
  without: z
    .array(z.string())
    .default([])
    .describe("Keys of the arms' recipes that are left out, e.g. training.trainable"),
  set: settings.describe("Settings of every stage of every arm"),
  arms: z
    .array(
      z.strictObject({
        name: z.string().min(1).describe("As the report names it"),
        families: z.array(z.string()).optional().describe("Only these; default: all"),
        set: settings.describe("Settings of every stage of this arm"),
        stages: z
          .array(z.strictObject({ set: settings }))
          .describe("Trained one after the other; none: the base itself"),
        evaluations: z.array(z.string()).optional().describe("Only these; default: all"),
        paper: z.string().optional().describe("Row of the paper's table with the same meaning"),
      }),
    )
    .min(1),
  evaluation: z
    .strictObject({
      embodiment: z.enum(["widowx", "google-robot"]).default("widowx"),
      tasks: z.array(z.enum(TASKS)).min(1).default(["pick"]),
      episodes: z.int().positive().describe("Layouts of a task and variant; the same for every arm"),
      firstSeed: z.int().nonnegative().default(0).describe("Seed of the first layout"),
      executeSteps: z.int().positive().default(2).describe("Steps of a chunk executed before the next query"),
      imageSizePx: z.int().positive().default(64),
      maskTime: z.enum(MASK_TIMES).default("first"),
    })
    .describe("How every arm is evaluated"),
  evaluations: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z0-9-]+$/),
        maskSource: z
          .enum(MASK_SOURCES)
          .default("automatic")
          .describe("Where the mask comes from that the policy sees"),
        prompt: z.enum(PROMPT_KINDS).default("mask"),
      }),
    )
    .min(1)
    .describe("What differs between evaluations of one policy"),
  columns: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        variants: z.array(z.enum(variantNames)).min(1).describe("Pooled in this column"),
        episodes: z.int().positive().optional().describe("Layouts of each variant; default: evaluation.episodes"),
        paper: z.string().optional().describe("Column of the paper's table with the same meaning"),
      }),
    )
    .min(1)
    .describe("Columns of the report"),
  compare: z
    .string()
    .nullable()
    .default(null)
    .describe("Arm that the others are compared with, in pairs; null: the first"),
  compareEvaluation: z
    .string()
    .nullable()
    .default(null)
    .describe("Evaluation that an arm's other evaluations are compared with, instead of comparing arms"),
  paperTable: z
    .enum(["table3"])
    .nullable()
    .default(null)
    .describe("Table of the paper whose numbers stand beside ours"),
});

export type Sweep = z.output<typeof sweepSchema>;
export type SweepArm = Sweep["arms"][number];

/** A sweep and where it was read: paths in it are relative to that. */
export interface LoadedSweep {
  readonly sweep: Sweep;
  readonly file: string;
  readonly folder: string;
}

/** Reads a sweep file. @throws PVLA_SWEEP_FILE, PVLA_CONFIG */
export function loadSweep(path: string): LoadedSweep {
  const file = resolve(path);
  let data: unknown;
  try {
    data = parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw unreadableSweep(file, error instanceof Error ? error.message : String(error), error);
  }
  return { sweep: parseConfig(sweepSchema, data, "Reading the sweep", file), file, folder: dirname(file) };
}

import { createHash } from "node:crypto";
import { parseConfig } from "@pixelvla/core";
import type { DatasetInfo } from "@pixelvla/data";
import { readJobConfig } from "@pixelvla/jobs";
import { z } from "zod";
import { notAnAnnotationJob } from "../errors.ts";
import { annotationRecipeSchema, type AnnotationRecipe } from "../recipe/recipe.ts";

/** How the dataset is read; part of a run's identity, as it decides which episodes and frames there are. */
const readingSchema = z.strictObject({
  split: z.string().optional().describe("Split or slice of one"),
  standardisation: z.string().optional().describe("Standardisation by name instead of by dataset"),
  bridgeFrames: z.enum(["openvla", "octo"]).default("openvla").describe("Bridge: which recorded frames are dropped"),
});

/** `config.yaml` of an annotation job. */
export const annotationJobSchema = z.strictObject({
  version: z.literal(1).default(1),
  job: z.literal("annotate").default("annotate"),
  dataset: z.string().min(1).describe("Dataset folder or file"),
  reading: readingSchema.prefault({}).describe("How the dataset is read"),
  recipe: annotationRecipeSchema.describe("The annotation recipe, resolved"),
  shard: z.strictObject({ index: z.int().positive(), of: z.int().positive() }).prefault({ index: 1, of: 1 }),
  sidecar: z
    .string()
    .nullable()
    .default(null)
    .describe("Folder of the annotations; null: annotations/ of the job directory"),
  modelsDir: z.string().nullable().default(null).describe("Folder in which models are looked up by name"),
  threads: z.int().positive().nullable().default(null).describe("Threads of one operator; null: the engine's default"),
});

export type AnnotationJobConfig = z.output<typeof annotationJobSchema>;

/** Name of a run: the same for the same recipe on the same episodes, whatever shard, machine or folder. */
export function runName(recipe: AnnotationRecipe, info: DatasetInfo, reading: AnnotationJobConfig["reading"]): string {
  const { name, format, version, nEpisodes } = info;
  // What only sets how much is in flight does not change what comes out.
  const identity = { recipe: { ...recipe, limits: undefined }, dataset: { name, format, version, nEpisodes }, reading };
  return `${RUN_PREFIX}${createHash("sha256").update(JSON.stringify(identity)).digest("hex").slice(0, 12)}`;
}

/** What the runs of this package are called; annotations of other runs in a sidecar were made by a person or another tool. */
export const RUN_PREFIX = "annotate-";

/** The configuration of the annotation job in `dir`. @throws PVLA_ANNOTATE_NO_JOB, PVLA_CONFIG */
export async function readAnnotationJob(dir: string): Promise<AnnotationJobConfig> {
  const config = await readJobConfig(dir);
  if (config === undefined || (config as { job?: unknown }).job !== "annotate") throw notAnAnnotationJob(dir);
  return parseConfig(annotationJobSchema, config, "Reading an annotation job", dir);
}

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openAnnotations, type Dataset } from "@pixelvla/data";
import type { Engine } from "@pixelvla/engines";
import {
  annotateJob,
  annotationJobSchema,
  parseAnnotationRecipe,
  type AnnotateOptions,
  type AnnotateOutcome,
  type AnnotatorRegistry,
} from "../../src/index.ts";
import { colourRecipe, colourRegistry } from "./colour-models.ts";

/** The models of these tests run on no engine; one that is asked for fails the test. */
export const noEngine: Engine = {
  name: "none",
  providers: () => Promise.resolve([]),
  compile: () => Promise.reject(new Error("no engine in this test")),
};

/** Runs an annotation job over a dataset in memory. */
export function runJob(
  dir: string,
  dataset: Dataset,
  given: {
    readonly recipe?: Record<string, unknown>;
    readonly shard?: { index: number; of: number };
    readonly registry?: AnnotatorRegistry;
  } & Partial<Pick<AnnotateOptions, "signal" | "onEvent" | "retry">> = {},
): Promise<AnnotateOutcome> {
  const { recipe = colourRecipe(), shard = { index: 1, of: 1 }, registry = colourRegistry(), ...more } = given;
  return annotateJob({
    dir,
    config: annotationJobSchema.parse({ dataset: dataset.info.root, recipe: parseAnnotationRecipe(recipe), shard }),
    registry,
    engine: noEngine,
    open: () => Promise.resolve(dataset),
    ...more,
  });
}

/** Every file below a folder with its bytes, to compare folders. */
export function filesBelow(root: string): Record<string, string> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(root.length + 1), readFileSync(path).toString("base64")]),
  );
}

/** Episodes that have annotations, in order. */
export async function annotatedEpisodes(root: string): Promise<number[]> {
  const reader = await openAnnotations(root);
  const { rows } = await reader.index.episodes({ sort: "episode", pageSize: 100_000 });
  await reader.close();
  return rows.map(({ episodeIndex }) => episodeIndex);
}

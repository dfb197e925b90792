import { rename, writeFile } from "node:fs/promises";
import { z } from "zod";
import { badMetadata } from "../errors.ts";
import { readJson } from "../json-file.ts";
import type { DatasetStatistics } from "./dataset-statistics.ts";

const numbers = z.array(z.number());

const columnSchema = z
  .object({
    mean: numbers,
    std: numbers,
    max: numbers,
    min: numbers,
    q01: numbers.optional(),
    q99: numbers.optional(),
    p01: numbers.optional(),
    p99: numbers.optional(),
    mask: z.array(z.boolean()).optional(),
  })
  .transform(({ p01, p99, ...rest }, context) => {
    const q01 = rest.q01 ?? p01;
    const q99 = rest.q99 ?? p99;
    if (!q01 || !q99) {
      context.addIssue({ code: "custom", message: "neither q01/q99 nor p01/p99" });
      return z.NEVER;
    }
    const mask = rest.mask ?? rest.mean.map((_, d) => rest.mean.length !== 7 || d < 6);
    return { mean: rest.mean, std: rest.std, max: rest.max, min: rest.min, q01, q99, mask };
  });

const entrySchema = z.object({
  action: columnSchema,
  proprio: columnSchema.optional(),
  num_transitions: z.number(),
  num_trajectories: z.number(),
});

const fileSchema = z.union([entrySchema.transform((entry) => ({ "": entry })), z.record(z.string(), entrySchema)]);

/**
 * Reads statistics by dataset name. Understands OpenVLA's files (`dataset_statistics.json`, keyed by dataset), and bare ones
 * of one dataset as Octo and open-pi-zero write them (`p01`/`p99`), which come under the key "".
 *
 * @throws PVLA_DATA_METADATA, PVLA_DATA_MISSING_FILE
 */
export async function readStatistics(path: string): Promise<Record<string, DatasetStatistics>> {
  const parsed = fileSchema.safeParse(await readJson(path));
  if (!parsed.success)
    throw badMetadata(path, z.prettifyError(parsed.error).replaceAll("\n", " "), { needed: "dataset statistics" });
  return Object.fromEntries(
    Object.entries(parsed.data).map(([name, entry]) => [name, { ...entry, proprio: entry.proprio ?? entry.action }]),
  );
}

/** Writes OpenVLA's `dataset_statistics.json`; the file appears whole or not at all. */
export async function writeStatistics(
  path: string,
  byDataset: Readonly<Record<string, DatasetStatistics>>,
): Promise<void> {
  const aside = `${path}.${process.pid}.tmp`;
  await writeFile(aside, `${JSON.stringify(byDataset, null, 2)}\n`);
  await rename(aside, path);
}

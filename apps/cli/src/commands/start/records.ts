import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { jobPaths, writeFileAtomic } from "@pixelvla/jobs";
import { z } from "zod";

const recordSchema = z.object({
  name: z.string(),
  isDone: z.boolean(),
  spentS: z.number().nonnegative().describe("Seconds over all resumes"),
  facts: z.array(z.string()),
});
/** What is known of a step that has begun. */
export type StepRecord = z.output<typeof recordSchema>;

const fileOf = (dir: string) => join(jobPaths(dir).results, "steps.json");

/** Records of the steps begun so far, in order; none where there is no such file or it was cut off by a kill. */
export function readRecords(dir: string): StepRecord[] {
  if (!existsSync(fileOf(dir))) return [];
  try {
    return z.array(recordSchema).parse(JSON.parse(readFileSync(fileOf(dir), "utf8")));
  } catch {
    return []; // every step then finds its own finished work and goes on from there
  }
}

export const writeRecords = (dir: string, records: readonly StepRecord[]): void =>
  writeFileAtomic(fileOf(dir), `${JSON.stringify(records, null, 2)}\n`);

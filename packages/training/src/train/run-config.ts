import { readFileSync } from "node:fs";
import { parseConfig } from "@pixelvla/core";
import { jobPaths } from "@pixelvla/jobs";
import { parse } from "yaml";
import { z } from "zod";
import { notARun } from "../errors.ts";

/** `config.yaml` of a training run: everything that determines it. */
export const runConfigSchema = z.strictObject({
  version: z.literal(1),
  recipeFile: z.string().nullable().describe("File the recipe was read from"),
  dataset: z.string().describe("Absolute path of the dataset"),
  recipe: z.record(z.string(), z.unknown()).describe("The recipe with all overrides and defaults"),
});
export type RunConfig = z.output<typeof runConfigSchema>;

/** Reads the config of the run in `dir`. @throws PVLA_RUN, PVLA_CONFIG */
export function readRunConfig(dir: string): RunConfig {
  const { config } = jobPaths(dir);
  let text: string;
  try {
    text = readFileSync(config, "utf8");
  } catch {
    throw notARun(dir, "it holds no config.yaml");
  }
  return parseConfig(runConfigSchema, parse(text), "Opening a training run", config);
}

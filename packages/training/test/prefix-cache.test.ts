import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jobPaths, latestCheckpoint, readMetrics } from "@pixelvla/jobs";
import { expect, test, vi } from "vitest";
import { checkRecipe, trainRun, type TrainEvent } from "../src/index.ts";
import { bridgeFolder, smallestRecipe } from "./smallest-recipe.ts";

vi.setConfig({ testTimeout: 180_000 }); // seconds on a quiet machine; several threads and files each

const dataset = bridgeFolder();
const root = mkdtempSync(join(tmpdir(), "pixelvla-cached-"));
const STEPS = 24;

/** Stages whose frozen prefix is the vision encoder alone, and everything before the decoder. */
const STAGES = {
  "frozen vision": { stage: "text-only", trainable: ["^backbone\\.", "^decoder\\."] },
  "frozen policy, trained head": { stage: "stage1", trainable: ["^decoder\\.model\\."] },
} as const;

interface Trained {
  readonly weights: Buffer;
  readonly losses: (number | undefined)[];
  readonly hitShares: (number | undefined)[];
  readonly log: string;
}

let count = 0;
async function trained(
  training: Record<string, unknown>,
  cache: Record<string, unknown>,
  onEvent: (event: TrainEvent) => void = () => undefined,
): Promise<Trained> {
  const dir = join(root, `run-${count++}`);
  const { recipe } = checkRecipe(
    smallestRecipe({ ...training, cache, steps: STEPS, batchSize: 4, logEverySteps: 4, data: { prefetch: 1 } }),
  );
  await trainRun({ dir, config: { version: 1, recipeFile: null, dataset: dataset!, recipe: { ...recipe } }, onEvent });
  const { rows } = await readMetrics(dir);
  return {
    weights: readFileSync(join(latestCheckpoint(dir).dir, "model.safetensors")),
    losses: rows.map((row) => row["loss"] as number | undefined),
    hitShares: rows.map((row) => row["prefixHitShare"] as number | undefined),
    log: readFileSync(jobPaths(dir).log, "utf8"),
  };
}

const segmentsIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".rows"))
    .map((name) => join(folder, name));

const cases = Object.entries(STAGES);

test.skipIf(dataset === undefined).each(cases)(
  "%s: training from the cache gives the very weights of training without, filled or found",
  async (_, stage) => {
    const folder = mkdtempSync(join(root, "cache-"));
    const without = await trained(stage, { prefix: "off" });
    const filled = await trained(stage, { prefix: "disk", folder });
    const found = await trained(stage, { prefix: "disk", folder });
    const inMemory = await trained(stage, { prefix: "memory" });
    for (const run of [filled, found, inMemory]) {
      expect(run.weights.equals(without.weights)).toBe(true);
      expect(run.losses).toEqual(without.losses);
    }
    expect(without.hitShares).toEqual(without.hitShares.map(() => undefined));
    expect(found.hitShares).toEqual(found.hitShares.map(() => 1));
    expect(filled.hitShares[0]).toBe(0);
    expect(filled.log).toContain(`is cached in ${folder}`);
  },
);

test.skipIf(dataset === undefined)("damage and removal during a run cost time and change nothing", async () => {
  const stage = STAGES["frozen vision"];
  const folder = mkdtempSync(join(root, "cache-"));
  const without = await trained(stage, { prefix: "off" });
  await trained(stage, { prefix: "disk", folder });
  for (const file of segmentsIn(folder)) {
    const bytes = readFileSync(file);
    for (let at = 1000; at < bytes.length; at += 3000) bytes[at]! ^= 0xff;
    writeFileSync(file, bytes);
  }
  const damaged = await trained(stage, { prefix: "disk", folder });
  expect(damaged.weights.equals(without.weights)).toBe(true);
  expect(damaged.log).toContain("damaged rows in the prefix cache were computed anew");
  expect(Math.min(...damaged.hitShares.map((share) => share!))).toBeLessThan(1);

  const removed = await trained(stage, { prefix: "disk", folder }, (event) => {
    if (event.type === "step" && event.step === 7) rmSync(folder, { recursive: true });
  });
  expect(removed.weights.equals(without.weights)).toBe(true);
});

test.skipIf(dataset === undefined)(
  "half precision rounds the same for what is found and what is computed",
  async () => {
    const stage = STAGES["frozen vision"];
    const folder = mkdtempSync(join(root, "cache-"));
    const filled = await trained(stage, { prefix: "disk", folder, dtype: "float16" });
    const found = await trained(stage, { prefix: "disk", folder, dtype: "float16" });
    const exact = await trained(stage, { prefix: "memory" });
    expect(found.weights.equals(filled.weights)).toBe(true);
    expect(found.weights.equals(exact.weights)).toBe(false);
    expect(found.losses.at(-1)).toBeCloseTo(exact.losses.at(-1)!, 2);
  },
);

test.skipIf(dataset === undefined)(
  "where everything trains there is nothing to cache, and the log says so",
  async () => {
    const { log, hitShares } = await trained({ stage: "text-only" }, { prefix: "memory" });
    expect(log).toContain("nothing to cache");
    expect(hitShares[0]).toBeUndefined();
  },
);

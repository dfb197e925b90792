import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jobPaths, latestCheckpoint, readMetrics } from "@pixelvla/jobs";
import { expect, test, vi } from "vitest";
import { checkRecipe, trainRun, type TrainEvent } from "../src/index.ts";
import { bridgeFolder, smallestRecipe } from "./smallest-recipe.ts";

vi.setConfig({ testTimeout: 400_000 }); // seconds on a quiet machine; nine short runs of several threads each

const dataset = bridgeFolder();
const root = mkdtempSync(join(tmpdir(), "pixelvla-cached-"));
const STEPS = 8;

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
    smallestRecipe({ ...training, cache, steps: STEPS, batchSize: 4, logEverySteps: 2, data: { prefetch: 1 } }),
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

test.skipIf(dataset === undefined)(
  "training from the cache gives the very weights of training without: filled, found, damaged, removed under way",
  async () => {
    const stage = STAGES["frozen vision"];
    const folder = mkdtempSync(join(root, "cache-"));
    const without = await trained(stage, { prefix: "off" });
    const filled = await trained(stage, { prefix: "disk", folder });
    const found = await trained(stage, { prefix: "disk", folder });
    for (const file of segmentsIn(folder)) {
      const bytes = readFileSync(file);
      for (let at = 1000; at < bytes.length; at += 3000) bytes[at]! ^= 0xff;
      writeFileSync(file, bytes);
    }
    const damaged = await trained(stage, { prefix: "disk", folder }, (event) => {
      if (event.type === "step" && event.step === 5) rmSync(folder, { recursive: true });
    });
    for (const run of [filled, found, damaged]) {
      expect(run.weights.equals(without.weights)).toBe(true);
      expect(run.losses).toEqual(without.losses);
    }
    expect(without.hitShares).toEqual(without.hitShares.map(() => undefined));
    expect(found.hitShares).toEqual(found.hitShares.map(() => 1));
    expect(filled.hitShares[0]).toBe(0);
    expect(filled.log).toContain(`is cached in ${folder}`);
    expect(damaged.hitShares[0]).toBeLessThan(1);
    expect(damaged.log).toContain("damaged rows in the prefix cache were computed anew");

    const halves = [];
    for (let i = 0; i < 2; i++) halves.push(await trained(stage, { prefix: "disk", folder, dtype: "float16" }));
    expect(halves[1]!.weights.equals(halves[0]!.weights)).toBe(true); // rounded alike, found or computed
    expect(halves[1]!.weights.equals(without.weights)).toBe(false);
    expect(halves[1]!.losses.at(-1)).toBeCloseTo(without.losses.at(-1)!, 2);
  },
);

test.skipIf(dataset === undefined)(
  "with only the head training, everything before it is cached, in memory",
  async () => {
    const stage = STAGES["frozen policy, trained head"];
    const without = await trained(stage, { prefix: "off" });
    const inMemory = await trained(stage, { prefix: "memory" });
    expect(inMemory.weights.equals(without.weights)).toBe(true);
    expect(inMemory.log).toContain("is cached in memory");
  },
);

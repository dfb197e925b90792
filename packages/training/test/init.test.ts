import { existsSync, mkdtempSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jobPaths } from "@pixelvla/jobs";
import { expect, test } from "vitest";
import {
  checkRecipe,
  exportBase,
  predictFrame,
  readPolicyWeights,
  findCheckpoint,
  shippedBases,
  trainRun,
  type RunConfig,
  type TrainEvent,
} from "../src/index.ts";
import { bridgeFolder, smallestRecipe } from "./smallest-recipe.ts";

const dataset = bridgeFolder();
const folder = () => mkdtempSync(join(tmpdir(), "pixelvla-init-"));

const config = (training: Record<string, unknown>): RunConfig => {
  const { recipe } = checkRecipe(smallestRecipe(training));
  return { version: 1, recipeFile: null, dataset: dataset!, recipe: { ...recipe } };
};

test.skipIf(dataset === undefined)(
  "a run is exported as a base in half precision, predicts as the run does, and a later stage starts from it",
  async () => {
    const root = folder();
    const [run, base, next] = [join(root, "run"), join(root, "base"), join(root, "next")];
    await trainRun({ dir: run, config: config({ steps: 6 }) });
    const evaluations = [join(run, "results", "results.json")];
    await expect(exportBase({ run, out: base, evaluations })).rejects.toMatchObject({
      code: "PVLA_BASE",
      message: expect.stringContaining("Give the results.json in the folder that bench run --out named") as string,
    });
    expect(existsSync(base)).toBe(false);
    const exported = await exportBase({ run, out: base });
    expect(exported.bytes).toBe(statSync(join(base, "model.safetensors")).size - headerBytes(base));
    expect(readFileSync(join(base, "README.md"), "utf8")).toMatch(
      /\| seed \| 0 \|\n\| train steps \| 6 of 6, 4 samples each/,
    );
    const frame = { dataset: dataset!, episodeIndex: 0, frameIndex: 2 };
    const [before, after] = [await predictFrame({ run, ...frame }), await predictFrame({ run: base, ...frame })];
    expect(Math.abs(after.l1 - before.l1)).toBeLessThan(2e-3);

    const messages: string[] = [];
    const onEvent = (event: TrainEvent) => event.type === "message" && messages.push(event.text);
    await trainRun({
      dir: next,
      config: config({
        steps: 1,
        stage: "finetune",
        init: base,
        data: { statistics: "init" },
        checkpoint: { everySteps: 1 },
      }),
      onEvent,
    });
    expect(messages[0]).toMatch(/^\d+ of \d+ tensors from "smallest" at train step 6$/);
    // Frozen weights are the base's to the bit.
    const [from, to] = await Promise.all([base, next].map((dir) => readPolicyWeights(findCheckpoint(dir))));
    const frozen = [...to!.keys()].filter((name) => name.startsWith("visionEncoder.") && from!.has(name));
    expect(frozen.length).toBeGreaterThan(5);
    for (const name of frozen) expect(to!.get(name)!.data, name).toEqual(from!.get(name)!.data);
    const provenance = JSON.parse(readFileSync(jobPaths(next).provenance, "utf8")) as {
      init: { trainStep: number; sha256: string; report: { loaded: string[] } };
    };
    expect(provenance.init).toMatchObject({ trainStep: 6, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
    expect(provenance.init.report.loaded).toEqual(expect.arrayContaining(frozen));
    const statistics = (dir: string) => readFileSync(join(findCheckpoint(dir), "dataset_statistics.json"), "utf8");
    expect(statistics(next)).toBe(statistics(base));
  },
);

function headerBytes(base: string): number {
  const file = readFileSync(join(base, "model.safetensors"));
  return 8 + Number(file.readBigUInt64LE(0));
}

test.skipIf(dataset === undefined)("a start that is no checkpoint is refused before anything trains", async () => {
  await expect(
    trainRun({ dir: join(folder(), "run"), config: config({ init: "no-such-base" }) }),
  ).rejects.toMatchObject({
    code: "PVLA_INIT",
    message: expect.stringContaining(`no shipped base of that name`) as string,
  });
  expect(shippedBases().every((name) => /^[a-z0-9-]+$/.test(name))).toBe(true);
});

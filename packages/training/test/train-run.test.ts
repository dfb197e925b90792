import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dropCommand, listCheckpoints, readStatus } from "@pixelvla/jobs";
import { expect, test } from "vitest";
import { checkRecipe, predictFrame, trainRun, type RunConfig, type TrainEvent } from "../src/index.ts";
import { bridgeFolder, smallestRecipe } from "./smallest-recipe.ts";

const dataset = bridgeFolder();
const newDir = () => join(mkdtempSync(join(tmpdir(), "pixelvla-run-")), "run");

const config = (training: Record<string, unknown>, data = dataset!): RunConfig => {
  const { recipe } = checkRecipe(smallestRecipe(training));
  return { version: 1, recipeFile: null, dataset: data, recipe: { ...recipe } };
};

test.skipIf(dataset === undefined)(
  "training lowers the L1, and prediction shows the chunk beside the demonstration",
  async () => {
    const dir = newDir();
    const events: TrainEvent[] = [];
    const training = { steps: 50, optimizer: { learningRate: 3e-3 }, evaluation: { everySteps: 25, batches: 2 } };
    const outcome = await trainRun({ dir, config: config(training), onEvent: (event) => events.push(event) });
    expect(outcome).toMatchObject({ state: "done", step: 50 });
    const steps = events.filter((event) => event.type === "step");
    expect(steps.at(-1)!.recentLoss).toBeLessThan(steps[4]!.recentLoss * 0.7);
    expect(events.filter((event) => event.type === "evaluated")).toHaveLength(2);

    const prediction = await predictFrame({ run: dir, dataset: dataset!, episodeIndex: 0, frameIndex: 3 });
    expect(prediction.trainStep).toBe(50);
    expect(prediction.predicted.map((row) => row.length)).toEqual(new Array(8).fill(7));
    expect(prediction.demonstrated.at(-1)).toBeNull(); // eight frames an episode: step 8 of frame 3 lies past the end
    expect(prediction.l1).toBeLessThan(1);
    await expect(predictFrame({ run: dir, dataset: dataset!, episodeIndex: 0, frameIndex: 99 })).rejects.toMatchObject({
      code: "PVLA_FRAME",
    });
  },
);

test.skipIf(dataset === undefined)("a NaN stops the run, keeps the last checkpoint and names the batch", async () => {
  const dir = newDir();
  const training = { steps: 40, checkpoint: { everySteps: 1 }, optimizer: { learningRate: 1e30, clipNorm: null } };
  await expect(trainRun({ dir, config: config(training) })).rejects.toMatchObject({
    code: "PVLA_NONFINITE",
    message: expect.stringMatching(
      /^Train step \d+: .* batch of episode \d+ frame \d+, .*checkpoint of train step \d+ is kept/,
    ) as string,
  });
  const { state, error } = await readStatus(dir);
  expect([state, error?.code]).toEqual(["failed", "PVLA_NONFINITE"]);
  const kept = listCheckpoints(dir).at(-1)!.step;
  const bad = JSON.parse(readFileSync(join(dir, "results", "bad-batch.json"), "utf8")) as {
    step: number;
    samples: unknown[];
  };
  expect(bad).toMatchObject({ step: kept + 1 });
  expect(bad.samples).toHaveLength(4);
});

test.skipIf(dataset === undefined)("a stop request saves and ends the run; resuming finishes it", async () => {
  const dir = newDir();
  const training = { steps: 400, checkpoint: { everySteps: 1000 } };
  const stopped = await trainRun({
    dir,
    config: config(training),
    onEvent: (event) => {
      if (event.type === "step" && event.step === 5) void dropCommand(dir, "stop");
    },
  });
  expect(stopped.state).toBe("stopped");
  expect(stopped.step).toBeLessThan(400);
  expect(listCheckpoints(dir).map(({ step }) => step)).toEqual([stopped.step]);
  const resumed = await trainRun({ dir, config: config({ ...training, steps: stopped.step + 3 }), resume: true });
  expect(resumed).toMatchObject({ state: "done", step: stopped.step + 3 });
});

test("a dataset that is gone is named and the run is marked as failed", async () => {
  const dir = newDir();
  await expect(trainRun({ dir, config: config({}, "/nowhere/at/all") })).rejects.toMatchObject({
    code: "PVLA_DATA_FORMAT",
  });
  expect((await readStatus(dir)).error?.code).toBe("PVLA_DATA_FORMAT");
});

test.skipIf(dataset === undefined)("a later stage starts from the weights of an earlier run", async () => {
  const [first, second] = [newDir(), newDir()];
  await trainRun({ dir: first, config: config({ steps: 3 }) });
  const { recipe } = config({ steps: 2, stage: "finetune" });
  const outcome = await trainRun({
    dir: second,
    config: { version: 1, recipeFile: null, dataset: dataset!, recipe: { ...recipe, checkpoint: first } },
  });
  expect(outcome.state).toBe("done");
});

import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dropCommand, findLatestCheckpoint, jobPaths, readStatus } from "@pixelvla/jobs";
import { expect, test } from "vitest";
import { checkRecipe, trainRun, type RunConfig } from "../src/index.ts";
import { bridgeFolder, smallestRecipe } from "./smallest-recipe.ts";

const dataset = bridgeFolder();
const newRoot = () => mkdtempSync(join(tmpdir(), "pixelvla-hardening-"));
const config = (training: Record<string, unknown>, data = dataset!): RunConfig => {
  const { recipe } = checkRecipe(smallestRecipe({ logEverySteps: 1, checkpoint: { everySteps: 2 }, ...training }));
  return { version: 1, recipeFile: null, dataset: data, recipe: { ...recipe } };
};

test.skipIf(dataset === undefined || process.platform !== "linux")(
  "a full disk ends the run with a sentence, keeps the last checkpoint, and the run goes on once there is room",
  async () => {
    const dir = join(newRoot(), "run");
    const { metrics } = jobPaths(dir);
    const full = trainRun({
      dir,
      config: config({ steps: 8 }),
      onEvent: (event) => {
        if (event.type !== "checkpoint" || event.step !== 2) return;
        renameSync(metrics, `${metrics}.kept`);
        symlinkSync("/dev/full", metrics); // every write there finds no space
      },
    });
    await expect(full).rejects.toMatchObject({
      code: "PVLA_DISK_FULL",
      message: expect.stringMatching(/^Writing metrics: no space is left/) as string,
    });
    expect((await readStatus(dir)).error?.code).toBe("PVLA_DISK_FULL");
    expect(findLatestCheckpoint(dir)!.step).toBe(2);
    rmSync(metrics);
    renameSync(`${metrics}.kept`, metrics);
    expect(await trainRun({ dir, config: config({ steps: 8 }), resume: true })).toMatchObject({
      state: "done",
      step: 8,
    });
  },
);

test.skipIf(dataset === undefined)(
  "a dataset that vanished between two starts is named; brought back, the run goes on; another one in its place is refused",
  async () => {
    const root = newRoot();
    const [dir, data, away] = [join(root, "run"), join(root, "data"), join(root, "away")];
    cpSync(dataset!, data, { recursive: true });
    const stopped = await trainRun({
      dir,
      config: config({ steps: 400 }, data),
      onEvent: (event) => {
        if (event.type === "step" && event.step === 2) void dropCommand(dir, "stop");
      },
    });
    expect(stopped.state).toBe("stopped");
    renameSync(data, away);
    const again = { dir, config: config({ steps: stopped.step + 1 }, data), resume: true };
    await expect(trainRun(again)).rejects.toMatchObject({
      code: "PVLA_DATA_FORMAT",
      message: expect.stringContaining(data) as string,
    });
    expect((await readStatus(dir)).state).toBe("failed");
    renameSync(away, data);
    const other = config({ steps: stopped.step + 1, data: { split: "train[:1]" } }, data);
    await expect(trainRun({ dir, config: other, resume: true })).rejects.toMatchObject({ code: "PVLA_RESUME" });
    expect(await trainRun(again)).toMatchObject({ state: "done", step: stopped.step + 1 });
  },
);

test.skipIf(dataset === undefined)("of two launchers on one directory the second is told who works there", async () => {
  const dir = join(newRoot(), "run");
  let second: Promise<unknown> | undefined;
  const first = await trainRun({
    dir,
    config: config({ steps: 3 }),
    onEvent: (event) => {
      if (event.type === "step" && event.step === 1)
        second = trainRun({ dir, config: config({ steps: 3 }), resume: true }).catch((error: unknown) => error);
    },
  });
  expect(first).toMatchObject({ state: "done", step: 3 });
  expect(await second).toMatchObject({
    code: "PVLA_JOB_LOCKED",
    message: expect.stringContaining(`process ${process.pid}`) as string,
  });
  expect(readFileSync(jobPaths(dir).status, "utf8")).toContain('"state": "done"');
});

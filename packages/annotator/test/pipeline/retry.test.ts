import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pixelVlaError } from "@pixelvla/core";
import { afterAll, expect, test } from "vitest";
import { z } from "zod";
import { defineTargetReasoner, parseRetry, type Cause, type Funnel } from "../../src/index.ts";
import { runPaths } from "../../src/job/journal.ts";
import { colourRecipe, colourRegistry } from "./colour-models.ts";
import { paintedDataset } from "./painted-dataset.ts";
import { annotatedEpisodes, runJob } from "./run-job.ts";

const folder = mkdtempSync(join(tmpdir(), "pixelvla-retry-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const N = 9;
/** Whether the server behind the reasoner is down for a call. */
let isDown: (call: number) => boolean = () => false;
let nCalls = 0;
const remote = defineTargetReasoner({
  name: "remote",
  summary: "Test double: a model on a server that is down at times.",
  options: z.strictObject({}),
  open: () =>
    Promise.resolve({
      model: "remote",
      modelVersion: "1",
      dispose: () => Promise.resolve(),
      reason: () =>
        isDown(nCalls++)
          ? Promise.reject(pixelVlaError("PVLA_REASONER", { doing: "Asking", found: "no connection" }))
          : Promise.resolve({ target: "red block", confidence: 0.9 }),
    }),
});
const registry = colourRegistry([remote]);
const recipe = colourRecipe({
  roles: { ...(colourRecipe()["roles"] as object), targetReasoner: { name: "remote" } },
  limits: { failuresInARow: 20, episodesAtOnce: 1, loadAhead: 1 },
});
const dataset = () => paintedDataset(N, (i) => (i % 5 === 3 ? "never-closes" : "plain"));
const annotate = (dir: string, more: Parameters<typeof runJob>[2] = {}) => {
  nCalls = 0;
  return runJob(join(folder, dir), dataset(), { recipe, registry, ...more });
};
const dropped = ({ dropped: steps }: Funnel) =>
  Object.fromEntries(steps.map(({ cause, nDropped }) => [cause, nDropped]));
const journal = (dir: string, run: string) => readFileSync(runPaths(join(folder, dir), run).episodes, "utf8");
const results = (dir: string) =>
  ["funnel.json", "funnel.txt", "funnel.html"].map((name) => readFileSync(join(folder, dir, "results", name), "utf8"));
const unreachable: readonly Cause[] = ["reasoner-unreachable"];

async function runWithOutage(dir: string, down: (call: number) => boolean): Promise<string> {
  isDown = down;
  const { run } = await annotate(dir);
  isDown = () => false;
  return run;
}

test("episodes dropped for a cause are annotated again when told to; the rest is as one run without the trouble", async () => {
  const { run } = await annotate("whole");
  await runWithOutage("trouble", (call) => call < 4);
  const before = await annotate("trouble");
  expect(dropped(before.funnel)).toEqual({ "reasoner-unreachable": 4, "never-closes": 2 });
  expect(before.timing.nEpisodes).toBe(0);

  const again = await annotate("trouble", { retry: unreachable });
  expect(dropped(again.funnel)).toEqual({ "never-closes": 2 });
  expect(again.timing.nEpisodes).toBe(4);
  expect(await annotatedEpisodes(again.sidecar!)).toEqual([0, 1, 2, 4, 5, 6, 7]);
  expect(journal("trouble", run)).toBe(journal("whole", run));
  expect(results("trouble")).toEqual(results("whole"));
});

test("a retry that fails again, or has nothing to do, leaves everything as it was", async () => {
  const run = await runWithOutage("still-down", (call) => call < 2);
  const before = journal("still-down", run);
  isDown = () => true;
  expect((await annotate("still-down", { retry: unreachable })).timing.nEpisodes).toBe(2);
  expect(journal("still-down", run)).toBe(before);
  expect((await annotate("still-down", { retry: ["damaged"] })).timing.nEpisodes).toBe(0);
  expect(journal("still-down", run)).toBe(before);
  isDown = () => false;
});

test("a retry stopped halfway, or killed before or after its results took their place, loses and doubles nothing", async () => {
  const { run } = await annotate("straight");
  await runWithOutage("halfway", () => true);
  const controller = new AbortController();
  const stopped = await annotate("halfway", {
    retry: unreachable,
    signal: controller.signal,
    onEvent: (event) => event.type === "progress" && controller.abort(),
  });
  expect(stopped.state).toBe("stopped");
  const { episodes, retries } = runPaths(join(folder, "halfway"), run);
  const nLeft = dropped(stopped.funnel)["reasoner-unreachable"]!;
  expect(nLeft).toBeGreaterThan(0);
  expect(nLeft).toBeLessThan(7);

  // As a kill leaves it: finished episodes beside the journal, which holds them already or not yet.
  copyFileSync(episodes, retries);
  const resumed = await annotate("halfway");
  expect(dropped(resumed.funnel)).toMatchObject({ "reasoner-unreachable": nLeft });
  const last = await annotate("halfway", { retry: unreachable });
  expect(last.timing.nEpisodes).toBe(nLeft);
  expect(journal("halfway", run)).toBe(journal("straight", run));
  expect(await annotatedEpisodes(last.sidecar!)).toEqual([0, 1, 2, 4, 5, 6, 7]);
});

test("a retry takes part in a run that is not finished, which then goes on", async () => {
  const { run } = await annotate("complete");
  isDown = (call) => call < 2;
  const controller = new AbortController();
  const first = await annotate("unfinished", {
    signal: controller.signal,
    onEvent: (event) => event.type === "progress" && event.nDone >= 4 && controller.abort(),
  });
  isDown = () => false;
  expect(first.state).toBe("stopped");
  const second = await annotate("unfinished", { retry: unreachable });
  expect(dropped(second.funnel)).toEqual({ "never-closes": 2 });
  expect(journal("unfinished", run)).toBe(journal("complete", run));
});

test("a cause that does not exist is refused with the nearest one", () => {
  expect(parseRetry("damaged, model-failed")).toEqual(["damaged", "model-failed"]);
  expect(parseRetry("all")).toContain("not-found");
  expect(() => parseRetry("model-faild")).toThrow(
    expect.objectContaining({
      code: "PVLA_ARGUMENTS",
      message: expect.stringContaining('Did you mean "model-failed"') as string,
    }),
  );
});

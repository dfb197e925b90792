import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JobWriter, readJob } from "@pixelvla/jobs";
import { expect, test } from "vitest";
import type { Progress, ProgressUpdate } from "../../terminal/progress.ts";
import { closingText } from "./closing.ts";
import { finishedMainJob, runMainJob } from "./main-job.ts";
import { DEFAULT_PLAN, mainPaths, type MainPlan } from "./plan.ts";
import { reportFiles } from "./report/report-files.ts";

const SMALL: MainPlan = {
  ...DEFAULT_PLAN,
  tasks: ["pick", "put-on"],
  episodes: 4,
  duplicates: 3,
  stage1Steps: 3,
  stage2Steps: 3,
  batchSize: 8,
  evaluationEpisodes: 2,
};
const newWorkspace = () => mkdtempSync(join(tmpdir(), "pixelvla-main-"));

test("a workspace begun with other settings is refused, with what differs", async () => {
  const workspace = newWorkspace();
  const { main } = mainPaths(workspace);
  new JobWriter(main, { kind: "sweep", config: SMALL, unit: "steps", total: 1, tensorboard: false }).close("stopped");
  expect(await finishedMainJob(workspace, SMALL)).toBeUndefined();
  expect(await finishedMainJob(workspace, { ...SMALL, workers: 7 })).toBeUndefined(); // decides no result
  await expect(finishedMainJob(workspace, { ...SMALL, episodes: 9 })).rejects.toMatchObject({
    code: "PVLA_MAIN_PLAN",
    message: expect.stringContaining("episodes 4 there, 9 here") as string,
  });
});

/** A minute or two of both cores: asked for with PIXELVLA_MAIN_JOB=1. */
test.skipIf(process.env["PIXELVLA_MAIN_JOB"] !== "1")(
  "the whole main job: stopped in the middle, gone on with, reported, and found finished by the next start",
  { timeout: 900_000 },
  async () => {
    const workspace = newWorkspace();
    const stop = new AbortController();
    const lines: string[] = [];
    const updates: ProgressUpdate[] = [];
    const progress: Progress = {
      update: (update) => updates.push(update),
      line: (text) => {
        lines.push(text);
        if (text.startsWith("step 3")) stop.abort();
      },
      end: () => undefined,
    };
    const stopped = await runMainJob(workspace, SMALL, { signal: stop.signal, progress });
    expect(stopped.state).toBe("stopped");
    expect(stopped.steps.map(({ name, isDone }) => [name, isDone])).toEqual([
      ["record", true],
      ["annotate", true],
      ["stage-1", false],
    ]);
    const { main } = mainPaths(workspace);
    expect((await readJob(main)).observed).toBe("stopped");

    lines.length = 0;
    const { signal } = new AbortController();
    const outcome = await runMainJob(workspace, SMALL, { signal, progress });
    expect(outcome.state).toBe("done");
    expect(lines[0]).toMatch(/^step 3 of 6, stage 1, continuous action training; whole job about .* left$/);
    expect(updates.every(({ note }) => note?.includes("whole job about"))).toBe(true);
    const markdown = readFileSync(reportFiles(main).markdown, "utf8");
    for (const text of [
      "detected mask",
      "mask from one click",
      "mask on a wrong object",
      "## pick, unseen colour-shape pair",
      "## Time per step",
    ])
      expect(markdown).toContain(text);
    const html = readFileSync(reportFiles(main).html, "utf8");
    expect(html).not.toMatch(/(src|href)="https?:/);
    const again = await finishedMainJob(workspace, SMALL);
    expect(closingText(again!)).toBe(closingText(outcome));
    await expect(runMainJob(workspace, { ...SMALL, episodes: 5 }, { signal, progress })).rejects.toMatchObject({
      code: "PVLA_MAIN_PLAN",
    });
  },
);

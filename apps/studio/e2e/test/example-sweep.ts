import { mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

const now = new Date().toISOString();

function writeStatus(dir: string, kind: string, state: string, total: number, unit: string, message?: string): void {
  mkdirSync(join(dir, "results"), { recursive: true });
  const status = {
    version: 1,
    kind,
    state,
    pid: null,
    host: hostname(),
    createdAt: now,
    startedAt: now,
    heartbeatAt: now,
    endedAt: now,
    workedS: 60,
    phase: null,
    progress: { done: state === "done" ? total : 0, total, unit, ratePerS: 1, etaS: 0 },
    error: message === undefined ? null : { code: "PVLA_NAN_LOSS", message },
  };
  writeFileSync(join(dir, "status.json"), JSON.stringify(status));
}

/** Successes of each arm and seed over eight layouts, chosen so that the table's numbers can be told beforehand. */
const outcomes: Readonly<Record<string, readonly (readonly number[])[]>> = {
  Baseline: [
    [1, 0, 0, 0, 1, 0, 0, 0],
    [0, 1, 0, 0, 0, 1, 0, 0],
  ],
  "+ PUE": [
    [1, 1, 1, 1, 1, 1, 1, 0],
    [1, 1, 1, 1, 0, 1, 1, 1],
  ],
};

const slug = (arm: string) => arm.toLowerCase().replace(/[^a-z0-9]+/g, "");

/**
 * Writes a sweep of two arms and two seeds as `pixelvla sweep run` leaves it, for looking at the page and its exports: 4 of 16 episodes
 * succeed in the first arm and 14 of 16 in the second, all 8 layouts paired; the training of one further cell has failed.
 */
export function writeSweep(workspace: string, name = "two-by-two"): string {
  const dir = join(workspace, "runs", name);
  writeStatus(dir, "sweep", "failed", 9, "cells", "Running the sweep: 1 cell failed.");
  const cells: object[] = [];
  const tasks: object[] = [];
  for (const [arm, seeds] of Object.entries(outcomes))
    seeds.forEach((successes, seed) => {
      const train = `openvla-${slug(arm)}-s${seed}`;
      const task = `${train}-exact`;
      const isFailed = arm === "+ PUE" && seed === 1;
      writeStatus(join(dir, "cells", train), "train", "done", 400, "train steps");
      writeStatus(
        join(dir, "cells", task),
        "bench",
        isFailed ? "failed" : "done",
        8,
        "episodes",
        isFailed ? "Playing: the machine was switched off." : undefined,
      );
      const lines = successes.map((success, layout) =>
        JSON.stringify({ result: episode(layout, success === 1), log: {} }),
      );
      writeFileSync(join(dir, "cells", task, "results", "episodes.jsonl"), lines.map((line) => `${line}\n`).join(""));
      cells.push({ family: "openvla", arm, evaluation: "exact", seed, task });
      tasks.push({ id: train, kind: "train", hash: "0" }, { id: task, kind: "evaluate", hash: "0" });
    });
  const sweep = {
    version: 1,
    name,
    title: "Does the pixel stage help?",
    description: "The policy with and without its pixel-level stage, two training seeds each, on the same layouts.",
    seeds: [0, 1],
    families: {},
    without: [],
    set: {},
    arms: [
      { name: "Baseline", set: {}, stages: [], paper: "Baseline" },
      { name: "+ PUE", set: {}, stages: [], paper: "+FT+PUE" },
    ],
    evaluation: {
      embodiment: "widowx",
      tasks: ["pick"],
      episodes: 8,
      firstSeed: 0,
      executeSteps: 4,
      imageSizePx: 64,
      maskTime: "first",
    },
    evaluations: [{ name: "exact", maskSource: "exact", prompt: "mask" }],
    columns: [{ name: "seen objects", variants: ["base"] }],
    compare: null,
    compareEvaluation: null,
    paperTable: null,
  };
  writeFileSync(join(dir, "sweep.json"), JSON.stringify({ version: 1, sweep, cells, tasks }));
  writeFileSync(join(dir, "config.yaml"), JSON.stringify({ version: 1, sweepFile: "two-by-two.yaml", sweep }));
  return dir;
}

function episode(seed: number, success: boolean) {
  return {
    embodiment: "widowx",
    task: "pick",
    variant: "base",
    seed,
    instruction: "pick up the red can",
    outcome: success ? "success" : "time-out",
    success,
    grasped: success,
    wrongObject: false,
    nSteps: 20,
    nClipped: 0,
    nQueries: 5,
    wallMs: 100,
    policyMs: 50,
  };
}

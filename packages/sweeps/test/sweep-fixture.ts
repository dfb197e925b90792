import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EpisodeResult } from "@pixelvla/bench";
import { parseConfig, Random } from "@pixelvla/core";
import { sweepSchema, type LoadedSweep, type Sweep } from "../src/plan/sweep-file.ts";
import { planSweep } from "../src/plan/plan-sweep.ts";
import { episodesOf } from "../src/plan/plan-sweep.ts";
import { episodesFile } from "../src/run/run-task.ts";
import { recordSweep } from "../src/run/sweep-folder.ts";

export const RECIPES = fileURLToPath(new URL("../../../recipes", import.meta.url));

/** Two arms on one family, two seeds, two columns. */
export function smallSweep(changes: Record<string, unknown> = {}): LoadedSweep {
  const data = {
    version: 1,
    name: "small",
    title: "A small sweep",
    seeds: [0, 1],
    families: {
      openvla: {
        recipe: "tabletop-pixelvla-openvla-tiny.yaml",
        base: { recipe: "tabletop-openvla-tiny.yaml", set: { "training.steps": 2 } },
      },
    },
    without: ["training.trainable"],
    set: { "training.pretrain": null, "training.steps": 2 },
    arms: [
      { name: "Baseline", stages: [], paper: "Baseline" },
      { name: "+FT", paper: "Baseline+FT", stages: [{ set: { "training.stage": "finetune" } }] },
      {
        name: "+FT+CAT",
        stages: [{ set: { "training.stage": "stage1" } }, { set: { "training.stage": "finetune" } }],
      },
      { name: "PixelVLA", stages: [{ set: { "training.stage": "stage1" } }, { set: { "training.stage": "stage2" } }] },
    ],
    evaluation: { episodes: 20 },
    evaluations: [{ name: "automatic" }],
    columns: [
      { name: "seen", variants: ["base"] },
      { name: "variants", variants: ["camera-high", "light-dark"], episodes: 40, paper: "average_va" },
    ],
    compare: "+FT",
    paperTable: "table3",
    ...changes,
  };
  const sweep: Sweep = parseConfig(sweepSchema, data, "Reading the sweep", "small.yaml");
  return { sweep, file: join(RECIPES, "small.yaml"), folder: RECIPES };
}

/** A sweep's folder whose episodes were won with the given chance by arm: what a finished sweep leaves, without the hours. */
export function playedSweep(loaded: LoadedSweep, chance: Readonly<Record<string, number>>): string {
  const dir = mkdtempSync(join(tmpdir(), "pixelvla-sweep-"));
  const plan = planSweep(loaded, { dataset: "demos", threads: 1 });
  recordSweep(dir, loaded.sweep, plan);
  for (const cell of plan.cells) {
    const task = plan.tasks.find(({ id }) => id === cell.task)!;
    if (task.kind !== "evaluate") throw new Error("a cell's task is an evaluation");
    const random = new Random(`played ${cell.task}`);
    const lines = episodesOf(task).map((key) => {
      const success = random.uniform() < chance[cell.arm]!;
      const result: EpisodeResult = {
        ...key,
        instruction: "pick the red cube",
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
      return `${JSON.stringify({ result, log: { version: 1, ...key, actions: "", stateHash: "" } })}\n`;
    });
    const file = episodesFile(dir, cell.task);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, lines.join(""));
  }
  return dir;
}

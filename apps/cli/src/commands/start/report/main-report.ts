import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { episodeName, wilson, type EpisodeResult } from "@pixelvla/bench";
import { jobPaths, readMetrics } from "@pixelvla/jobs";
import { pairedDifference, type ReportCell, type ReportRow, type SweepReport } from "@pixelvla/sweeps";
import { ARMS, columnsOf, type Column } from "../arms.ts";
import { EMBODIMENT, IMAGE_PX, type MainPaths, type MainPlan } from "../plan.ts";
import { EXECUTE_STEPS, FIRST_SEED } from "../arms.ts";

const FAULTS: ReadonlySet<string> = new Set(["policy-error", "invalid-action", "exploded", "worker-lost"]);

/** Success of every arm in every column, each compared with the base on the same layouts. */
export async function mainReport(plan: MainPlan, paths: MainPaths): Promise<SweepReport> {
  const columns = columnsOf(plan);
  const results = new Map(ARMS.map(({ name }) => [name, resultsOf(name, paths)]));
  const reference = results.get(ARMS[0]!.name)!;
  return {
    name: "main",
    title: "Base policy against PixelVLA on the tabletop",
    description:
      `What ${plan.tasks.length * plan.episodes} demonstrations, annotated by the embedded pipeline, and ${plan.stage1Steps} + ${plan.stage2Steps} ` +
      "train steps make of the base: one training run of a few minutes, so small differences are not findings. The base had no further training; " +
      "an ablation that trains a text-only arm on the same frames is recipes/sweeps/table3.yaml.",
    columns: columns.map(({ name }) => name),
    rows: ARMS.map((arm): ReportRow => {
      const own = results.get(arm.name)!;
      return {
        family: arm.policyName,
        arm: arm.promptName,
        evaluation: "closed loop",
        isReference: arm.name === ARMS[0]!.name,
        cells: columns.map((column) => cellOf(own, own === reference ? undefined : reference, column)),
      };
    }),
    reference: "base by text alone",
    hasPaper: false,
    unfinished: [],
    evaluation: {
      embodiment: EMBODIMENT,
      tasks: plan.tasks,
      episodes: plan.evaluationEpisodes,
      firstSeed: FIRST_SEED,
      executeSteps: EXECUTE_STEPS,
      imageSizePx: IMAGE_PX,
      maskTime: "first",
    },
    seeds: [0],
    curves: await Promise.all([curveOf("stage-1", paths.stage1), curveOf("stage-2", paths.stage2)]),
  };
}

/** Training L1 of a stage, row by row. */
async function curveOf(id: string, dir: string): Promise<SweepReport["curves"][number]> {
  const { rows } = await readMetrics(dir);
  return { id, points: rows.flatMap(({ step, l1 }) => (typeof l1 === "number" ? [{ step, loss: l1 }] : [])) };
}

function resultsOf(arm: string, paths: MainPaths): EpisodeResult[] {
  return [arm, `${arm}-families`].flatMap((id) => {
    const file = join(jobPaths(paths.evaluation(id)).results, "episodes.jsonl");
    if (!existsSync(file)) return []; // the control plays picks only
    const lines = readFileSync(file, "utf8").split("\n");
    return lines.filter((line) => line !== "").map((line) => (JSON.parse(line) as { result: EpisodeResult }).result);
  });
}

function cellOf(
  results: readonly EpisodeResult[],
  reference: readonly EpisodeResult[] | undefined,
  column: Column,
): ReportCell {
  const isIn = ({ task, variant }: EpisodeResult) => task === column.task && variant === column.variant;
  const own = results.filter(isIn);
  const nSuccesses = own.filter(({ success }) => success).length;
  const byName = new Map((reference ?? []).filter(isIn).map((result) => [episodeName(result as never), result]));
  const pairs = own.flatMap((result) => {
    const layout = episodeName(result as never);
    const other = byName.get(layout);
    return other === undefined ? [] : [{ layout, seed: 0, first: other.success, second: result.success }];
  });
  return {
    success: wilson(nSuccesses, own.length),
    nSuccesses,
    n: own.length,
    perSeed: [],
    difference: pairs.length === 0 ? undefined : pairedDifference(pairs),
    paper: undefined,
    nFaults: own.filter(({ outcome }) => FAULTS.has(outcome)).length,
  };
}

export { loadSweep, sweepSchema, type LoadedSweep, type Sweep, type SweepArm } from "./plan/sweep-file.ts";
export { changedSweep, type SweepChanges } from "./plan/changed-sweep.ts";
export { planSweep, type PlanOptions } from "./plan/plan-sweep.ts";
export { type EvaluateTask, type PlannedCell, type SweepPlan, type SweepTask, type TrainTask } from "./plan/task.ts";
export { sweepCost, type SweepCost, type TrainCost } from "./plan/cost.ts";
export { runSweep, type RunSweepOptions, type SweepProgress } from "./run/run-sweep.ts";
export { runTask } from "./run/run-task.ts";
export { evaluatePolicy } from "./run/evaluate-policy.ts";
export { recordedSweep } from "./run/recorded-sweep.ts";
export { readSweepRecord, type SweepRecord } from "./run/sweep-folder.ts";
export {
  sweepReport,
  type ReportCell,
  type ReportOptions,
  type ReportRow,
  type SweepReport,
} from "./report/sweep-report.ts";
export { writeReport } from "./report/write-report.ts";
export { htmlReport } from "./report/html.ts";
export { csvReport } from "./report/csv.ts";
export { latexReport } from "./report/latex.ts";
export { markdownReport } from "./report/markdown.ts";
export { mcnemarExact } from "./statistics/mcnemar.ts";
export { pairedDifference, type Pair, type PairedDifference } from "./statistics/paired-difference.ts";

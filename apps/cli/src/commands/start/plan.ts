import { join } from "node:path";
import type { TaskName } from "@pixelvla/bench";
export { TASKS } from "@pixelvla/bench";
import { z } from "zod";

/** What the main job does: everything that decides its results. Kept as `config.yaml` of its job directory. */
export const mainPlanSchema = z.strictObject({
  version: z.literal(1).default(1),
  job: z.literal("main").default("main"),
  base: z.string().min(1).describe("Base checkpoint: a shipped one by name, or a folder"),
  tasks: z
    .array(z.custom<TaskName>((value) => typeof value === "string"))
    .min(1)
    .describe("Task families that are recorded and evaluated; picks also on variants"),
  episodes: z.int().positive().describe("Demonstrations attempted of each task family"),
  duplicates: z
    .int()
    .nonnegative()
    .default(0)
    .describe("Further picks attempted where two objects look alike: only mask or prompt says which one is meant"),
  stage1Steps: z.int().positive().describe("Train steps of continuous action training"),
  stage2Steps: z.int().positive().describe("Train steps of pixel-level enhancement"),
  batchSize: z.int().positive().describe("Samples of a train step"),
  evaluationEpisodes: z.int().positive().describe("Picks of each variant and arm; other families get half as many"),
  workers: z.int().positive().describe("Recording and evaluation workers, one core each"),
});
export type MainPlan = z.output<typeof mainPlanSchema>;

/** Sized for at most eight minutes on two cores; see docs/performance/main-job.md for what each step took. */
export const DEFAULT_PLAN: MainPlan = {
  version: 1,
  job: "main",
  base: "tabletop-openvla-tiny",
  tasks: ["pick", "put-on", "put-in"],
  episodes: 60,
  duplicates: 60,
  stage1Steps: 150,
  stage2Steps: 700,
  batchSize: 64,
  evaluationEpisodes: 24,
  workers: 2,
};

/** Side of recorded pictures: what the tabletop recipes read. */
export const IMAGE_PX = 64;
export const EMBODIMENT = "widowx";

/** Where the main job puts things in a workspace; the studio finds datasets and runs there. */
export const mainPaths = (workspace: string) => ({
  main: join(workspace, "main"),
  dataset: join(workspace, "datasets", "tabletop"),
  annotation: join(workspace, "runs", "annotate"),
  stage1: join(workspace, "runs", "stage-1"),
  stage2: join(workspace, "runs", "stage-2"),
  evaluation: (arm: string) => join(workspace, "runs", `evaluate-${arm}`),
});
export type MainPaths = ReturnType<typeof mainPaths>;

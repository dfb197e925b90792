import type { MaskSource, TaskName } from "@pixelvla/bench";
import type { MainPaths, MainPlan } from "./plan.ts";

/** Layouts of evaluations begin here; demonstrations use seeds from 100,000. */
export const FIRST_SEED = 0;
/** Steps of a chunk executed before the next query. */
export const EXECUTE_STEPS = 2;

/** A policy under one kind of visual prompt. */
export interface Arm {
  readonly name: string;
  /** As the report says it. */
  readonly policyName: string;
  readonly promptName: string;
  readonly policy: (plan: MainPlan, paths: MainPaths) => string;
  readonly maskSource: MaskSource;
  /** Only on seen objects and where two look alike: a control, not a result. */
  readonly isControl?: boolean;
}

/** The base plays by text alone; PixelVLA is shown the mask that the embedded detector finds, one grown from a click, the exact one, and as a control one on the wrong object. */
export const ARMS: readonly Arm[] = [
  {
    name: "base",
    policyName: "base, before any of this",
    promptName: "text only",
    policy: ({ base }) => base,
    maskSource: "none",
  },
  {
    name: "pixelvla-detected",
    policyName: "PixelVLA",
    promptName: "detected mask",
    policy: (_, { stage2 }) => stage2,
    maskSource: "detected",
  },
  {
    name: "pixelvla-clicked",
    policyName: "PixelVLA",
    promptName: "mask from one click",
    policy: (_, { stage2 }) => stage2,
    maskSource: "clicked",
  },
  {
    name: "pixelvla-exact",
    policyName: "PixelVLA",
    promptName: "exact mask",
    policy: (_, { stage2 }) => stage2,
    maskSource: "exact",
  },
  {
    name: "pixelvla-wrong",
    policyName: "PixelVLA",
    promptName: "mask on a wrong object",
    policy: (_, { stage2 }) => stage2,
    maskSource: "wrong-object",
    isControl: true,
  },
];

/** A column of the report: one task on one variant. */
export interface Column {
  readonly name: string;
  readonly task: TaskName;
  readonly variant: string;
}

const PICKS: readonly Column[] = [
  { name: "pick, seen objects", task: "pick", variant: "base" },
  { name: "pick, unseen colour-shape pair", task: "pick", variant: "unseen-pair" },
  { name: "pick, two that look alike", task: "pick", variant: "duplicate" },
];

/** Columns of a plan: picks on three variants, other families on the base scene. */
export const columnsOf = ({ tasks }: MainPlan): Column[] => [
  ...PICKS.filter(({ task }) => tasks.includes(task)),
  ...tasks.filter((task) => task !== "pick").map((task) => ({ name: task.replace("-", " "), task, variant: "base" })),
];

/** The evaluation jobs of a plan: an arm on picks, and on the other families. */
export interface Evaluation {
  readonly id: string;
  readonly arm: Arm;
  readonly tasks: readonly TaskName[];
  readonly variants: readonly { readonly name: string; readonly episodes: number }[];
}

export function evaluationsOf({ tasks, evaluationEpisodes }: MainPlan): Evaluation[] {
  const others = tasks.filter((task) => task !== "pick");
  const half = Math.ceil(evaluationEpisodes / 2);
  return ARMS.flatMap((arm): Evaluation[] => {
    const variants = PICKS.filter(({ variant }) => variant !== "unseen-pair" || arm.isControl !== true);
    const picks = variants.map(({ variant: name }) => ({ name, episodes: evaluationEpisodes }));
    return [
      ...(tasks.includes("pick") ? [{ id: arm.name, arm, tasks: ["pick" as const], variants: picks }] : []),
      ...(others.length > 0 && arm.isControl !== true
        ? [{ id: `${arm.name}-families`, arm, tasks: others, variants: [{ name: "base", episodes: half }] }]
        : []),
    ];
  });
}

export const episodeCount = ({ tasks, variants }: Evaluation): number =>
  tasks.length * variants.reduce((sum, { episodes }) => sum + episodes, 0);

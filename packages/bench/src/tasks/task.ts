import type { Snapshot } from "../env/snapshot.ts";
import type { DrawerName } from "../scene/scene-spec.ts";

/** The task families. */
export const TASKS = ["pick", "move-near", "put-on", "put-in", "stack", "open-drawer", "close-drawer"] as const;
export type TaskName = (typeof TASKS)[number];

/** What has to be done with which objects. */
export type Goal =
  | { readonly task: "pick"; readonly targetId: string }
  | { readonly task: "move-near" | "put-on" | "put-in" | "stack"; readonly targetId: string; readonly placeId: string }
  | { readonly task: "open-drawer" | "close-drawer"; readonly drawer: DrawerName };

/** How an episode stands after an env step. */
export interface Verdict {
  /** Success of this moment, or latched, as the task's rule says. */
  readonly success: boolean;
  /** The target was ever grasped (drawers: its handle touched by both fingers). */
  readonly grasped: boolean;
  /** Some other object was ever lifted or moved instead (drawers: another drawer moved). */
  readonly wrongObject: boolean;
}

/** Follows one episode; `update` is called once for the start and after each env step. */
export interface Judge {
  update(snapshot: Snapshot): Verdict;
}

/** Facts of a task family that do not depend on the layout. */
export interface TaskInfo {
  readonly name: TaskName;
  /** Env steps after which an episode ends. */
  readonly maxSteps: Readonly<Record<"widowx" | "google-robot", number>>;
  /** True: success once reached stays. False: success at the last env step counts. */
  readonly latched: boolean;
  readonly description: string;
}

/** Every task family. */
export const TASK_INFO: Readonly<Record<TaskName, TaskInfo>> = {
  pick: {
    name: "pick",
    maxSteps: { widowx: 32, "google-robot": 26 },
    latched: true,
    description: "Lift the named object.",
  },
  "move-near": {
    name: "move-near",
    maxSteps: { widowx: 48, "google-robot": 36 },
    latched: false,
    description: "Bring the named object next to another one.",
  },
  "put-on": {
    name: "put-on",
    maxSteps: { widowx: 48, "google-robot": 36 },
    latched: false,
    description: "Set the named object on a plate or towel and let go.",
  },
  "put-in": {
    name: "put-in",
    maxSteps: { widowx: 48, "google-robot": 36 },
    latched: false,
    description: "Drop the named object into a basket or bowl.",
  },
  stack: {
    name: "stack",
    maxSteps: { widowx: 48, "google-robot": 36 },
    latched: false,
    description: "Set one cube on another and let go.",
  },
  "open-drawer": {
    name: "open-drawer",
    maxSteps: { widowx: 40, "google-robot": 30 },
    latched: false,
    description: "Pull the named drawer open by its handle.",
  },
  "close-drawer": {
    name: "close-drawer",
    maxSteps: { widowx: 40, "google-robot": 30 },
    latched: false,
    description: "Push the named drawer shut.",
  },
};

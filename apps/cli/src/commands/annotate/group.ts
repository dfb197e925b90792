import { defineCommand } from "citty";
import { lazyCommand } from "../../terminal/lazy-command.ts";

const VERBS = {
  run: lazyCommand({
    meta: { name: "run", description: "Annotate a dataset; the word run may be left out" },
    load: () => import("./run.ts").then((m) => m.annotateRunCommand),
  }),
  merge: lazyCommand({
    meta: { name: "merge", description: "Merge the finished shards of a run into what one run would have written" },
    load: () => import("./merge.ts").then((m) => m.annotateMergeCommand),
  }),
  sheet: lazyCommand({
    meta: { name: "sheet", description: "Draw annotated episodes on one picture, the doubted most first" },
    load: () => import("./sheet.ts").then((m) => m.annotateSheetCommand),
  }),
  review: lazyCommand({
    meta: { name: "review", description: "List annotations by doubt with its reason; accept, reject, mark hard, undo" },
    load: () => import("./review.ts").then((m) => m.annotateReviewCommand),
  }),
};

/** `pixelvla annotate …` */
export const annotateCommand = defineCommand({
  meta: { name: "annotate", description: "Annotate robot datasets with masks and visual prompts of the target object" },
  subCommands: VERBS,
});

/** `annotate DATASET …` means `annotate run DATASET …`. */
export function withAnnotateVerb(rawArgs: readonly string[]): string[] {
  const [group, first] = rawArgs;
  const isShort =
    group === "annotate" && first !== undefined && !(first in VERBS) && first !== "--help" && first !== "-h";
  return isShort ? ["annotate", "run", ...rawArgs.slice(1)] : [...rawArgs];
}

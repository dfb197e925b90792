import { defineCommand } from "citty";
import { lazyCommand } from "../../terminal/lazy-command.ts";

const VERBS = {
  run: lazyCommand({
    meta: { name: "run", description: "Run a sweep file, or go on with it; the word run may be left out" },
    load: () => import("./run.ts").then((m) => m.sweepRunCommand),
  }),
  resume: lazyCommand({
    meta: { name: "resume", description: "Take up the cells of a sweep's directory that failed or were stopped" },
    load: () => import("./resume.ts").then((m) => m.sweepResumeCommand),
  }),
  report: lazyCommand({
    meta: { name: "report", description: "Write the report of a sweep's directory, also while it runs" },
    load: () => import("./report.ts").then((m) => m.sweepReportCommand),
  }),
};

/** `pixelvla sweep …` */
export const sweepCommand = defineCommand({
  meta: { name: "sweep", description: "Ablations: arms x seeds, trained, evaluated in pairs and reported" },
  subCommands: VERBS,
});

/** `sweep FILE …` means `sweep run FILE …`. */
export function withSweepVerb(rawArgs: readonly string[]): string[] {
  const [group, first] = rawArgs;
  const isShort = group === "sweep" && first !== undefined && !(first in VERBS) && first !== "--help" && first !== "-h";
  return isShort ? ["sweep", "run", ...rawArgs.slice(1)] : [...rawArgs];
}

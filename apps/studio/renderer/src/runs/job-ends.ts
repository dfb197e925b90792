import type { Problem, RunState } from "../host/types.ts";

const activeStates: readonly RunState[] = ["queued", "running", "paused", "stopping"];

/** Whether a job is under way or waiting. */
export const isActive = (state: RunState): boolean => activeStates.includes(state);

/** The message for a job that has just come to an end, or undefined for any other change. */
export function endMessage(
  before: RunState | undefined,
  { name, state, problem }: { name: string; state: RunState; problem?: Problem },
): { kind: "ok" | "info" | "fail"; text: string } | undefined {
  if (before === undefined || !isActive(before) || isActive(state)) return undefined;
  if (state === "done") return { kind: "ok", text: `${name} is done.` };
  if (state === "stopped") return { kind: "info", text: `${name} has stopped; its checkpoint is saved.` };
  if (state === "lost")
    return { kind: "fail", text: `${name}: its process is gone. Resume continues from the last checkpoint.` };
  return { kind: "fail", text: `${name} failed${problem === undefined ? "." : `: ${problem.message}`}` };
}

import { mkdir, realpath } from "node:fs/promises";
import { dropCommand, jobPaths } from "@pixelvla/jobs";
import type { RunCommand, RunState } from "@pixelvla/studio-contract";
import { commandRefused, outsideWorkspace } from "../errors.ts";
import { isInside } from "../workspace.ts";
import type { RunCatalog } from "./catalog.ts";
import { commandsIn } from "./detail.ts";
import type { Launcher } from "./launcher.ts";

/**
 * Asks a run to stop, pause or resume by dropping a command file; where nobody is left to read it, `resume` starts a worker again.
 * @throws PVLA_STUDIO_COMMAND when it makes no sense now, PVLA_STUDIO_OUTSIDE when the run's `commands` folder is a link that leads out
 */
export async function sendCommand(
  catalog: RunCatalog,
  launcher: Launcher,
  runId: string,
  command: RunCommand,
): Promise<{ state: RunState }> {
  const record = await catalog.get(runId);
  const { state } = record.row;
  if (!commandsIn(state).includes(command)) throw commandRefused(command, state);
  if (command === "resume" && state !== "paused") {
    await launcher.resume(record);
    return { state: "queued" }; // the worker says more once it has taken the directory
  }
  const { dir, path } = record.place;
  const { commands } = jobPaths(dir);
  await mkdir(commands, { recursive: true }).catch(() => undefined);
  const target = await realpath(commands).catch(() => undefined);
  if (target === undefined || !isInside(dir, target)) throw outsideWorkspace(`${path}/commands`);
  await dropCommand(dir, command);
  await record.refresh();
  return { state: record.row.state };
}

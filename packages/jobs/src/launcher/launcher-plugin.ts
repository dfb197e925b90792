import { nearestName, parseConfig, type PixelVlaError } from "@pixelvla/core";
import type { z } from "zod";
import { unknownLauncher } from "../errors.ts";
import type { LaunchRequest } from "./launch-file.ts";

/** What became of a launch. */
export interface LaunchedJob {
  /** The job directory; everything else about the job is read there. */
  readonly dir: string;
  /** The job's name in the scheduler; null where there is none. */
  readonly id: string | null;
  /** The script or manifest that was written; null where there is none. */
  readonly file: string | null;
  /** What to do next or how to watch it, in a sentence. */
  readonly note: string;
}

/** A way to start the working process of a job: here, on a cluster, in a container. */
export interface LauncherPlugin<S extends z.ZodType = z.ZodType> {
  readonly kind: "launcher";
  readonly name: string;
  readonly summary: string;
  /** Schema of the options. */
  readonly options: S;
  /** Makes the job directory and hands the work over. @throws PVLA_LAUNCH */
  launch(request: LaunchRequest, options: z.output<S>): Promise<LaunchedJob>;
}

/** Declares a launcher. */
export const defineLauncher = <S extends z.ZodType>(launcher: Omit<LauncherPlugin<S>, "kind">): LauncherPlugin<S> => ({
  kind: "launcher",
  ...launcher,
});

/**
 * Launches a job through the launcher of that name.
 * @throws PVLA_UNKNOWN_PLUGIN with the nearest name and the list, PVLA_CONFIG, PVLA_LAUNCH
 */
export async function launchJob(
  launchers: readonly LauncherPlugin[],
  name: string,
  options: unknown,
  request: LaunchRequest,
): Promise<LaunchedJob> {
  const found = launchers.find((launcher) => launcher.name === name);
  if (found === undefined) throw notFound(name, launchers);
  return found.launch(request, parseConfig(found.options, options, `Launching with "${name}"`));
}

function notFound(name: string, launchers: readonly LauncherPlugin[]): PixelVlaError {
  const names = launchers.map((launcher) => launcher.name);
  return unknownLauncher(name, names, nearestName(name, names));
}

import { resolve } from "node:path";
import { pixelVlaError } from "@pixelvla/core";
import { builtinLaunchers, launchJob, type LaunchedJob } from "@pixelvla/jobs";

/** A new training run that something else than this process does. */
export interface TrainLaunch {
  readonly launcher: string;
  /** JSON. */
  readonly launcherOptions: string;
  readonly recipeFile: string;
  readonly recipeName: string;
  readonly dataset: string;
  readonly overrides: readonly string[];
  readonly runsDir: string;
}

/**
 * Hands a run to a launcher. The doctor has looked at it here, where the answer can be read; the run itself starts without it.
 * @throws PVLA_ARGUMENTS, PVLA_UNKNOWN_PLUGIN, PVLA_CONFIG, PVLA_LAUNCH
 */
export function launchTrain(launch: TrainLaunch): Promise<LaunchedJob> {
  const pixelvla = [process.execPath, ...process.execArgv, resolve(process.argv[1] ?? "")];
  const { recipeFile, dataset, overrides } = launch;
  const changes = overrides.map((change) => `--set=${change}`);
  return launchJob(builtinLaunchers, launch.launcher, parsed(launch.launcherOptions), {
    runsDir: launch.runsDir,
    name: launch.recipeName,
    kind: "train",
    command: (dir) => [...pixelvla, "train", recipeFile, "--dataset", dataset, "--run", dir, "--no-doctor", ...changes],
    resumeCommand: (dir) => [...pixelvla, "train", "--resume", "--run", dir],
    unit: "train steps",
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw pixelVlaError(
      "PVLA_ARGUMENTS",
      { doing: "Reading the command line", found: `--launcher-options is ${text}`, needed: "a JSON object" },
      { text },
    );
  }
}

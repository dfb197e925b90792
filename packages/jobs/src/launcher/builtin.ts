import { kubernetesLauncher } from "./kubernetes.ts";
import type { LauncherPlugin } from "./launcher-plugin.ts";
import { localLauncher } from "./local-launcher.ts";
import { slurmLauncher } from "./slurm.ts";

/** Launchers that ship with this software. */
export const builtinLaunchers: readonly LauncherPlugin[] = [localLauncher, slurmLauncher, kubernetesLauncher];

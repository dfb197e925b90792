import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "./studio.ts";

const run = promisify(execFile);

/** Program and first arguments of the `pixelvla` command. */
export const pixelvla = [process.execPath, join(root, "apps", "cli", "bin", "pixelvla.js")];

/** Runs the command to its end. @throws with what it printed */
export async function runPixelvla(...args: readonly string[]): Promise<string> {
  const [program = "", ...first] = pixelvla;
  const { stdout } = await run(program, [...first, ...args], { cwd: root, timeout: 150_000, maxBuffer: 1 << 26 });
  return stdout;
}

/** Records `n` real demonstrations on the tabletop, masks included, as the workspace's dataset `demos`. */
export async function recordDemos(workspace: string, n: number): Promise<void> {
  await runPixelvla("bench", "record", join(workspace, "datasets", "demos"), `--episodes=${n}`, "--threads=1");
}

/** Trains the tabletop PixelVLA policy for a few steps: enough for a checkpoint whose every part is real, not for skill. */
export async function trainPixelPolicy(workspace: string, name: string, steps: number): Promise<void> {
  const recipe = join(root, "recipes", "tabletop-pixelvla-openvla-tiny.yaml");
  const changes = {
    "training.steps": steps,
    "training.pretrain": null,
    "training.batchSize": 4,
    "training.threads": 1,
    "training.schedule.warmupSteps": 0,
    "training.data.promptDropout": 0,
  };
  await runPixelvla(
    "train",
    recipe,
    `--dataset=${join(workspace, "datasets", "demos")}`,
    `--run=${join(workspace, "runs", name)}`,
    ...Object.entries(changes).map(([path, value]) => `--set=${path}=${String(value)}`),
  );
}

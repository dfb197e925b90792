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
  const { stdout } = await run(program, [...first, ...args], { cwd: root, timeout: 400_000, maxBuffer: 1 << 26 });
  return stdout;
}

/** Records `n` real demonstrations on the tabletop, masks included, as the workspace's dataset `demos`. */
export async function recordDemos(workspace: string, n: number, ...options: readonly string[]): Promise<void> {
  const folder = join(workspace, "datasets", "demos");
  await runPixelvla("bench", "record", folder, `--episodes=${n}`, "--threads=1", ...options);
}

/** A run that holds the shipped PixelVLA, which follows masks: one train step from it, too small to change anything. */
export async function runOfShippedPolicy(workspace: string, name: string): Promise<void> {
  await trainPixelPolicy(workspace, name, 1, {
    "training.init": "tabletop-pixelvla-openvla-tiny",
    "training.stage": "stage2",
    "training.trainable": null,
    "training.data.statistics": "init",
    "training.optimizer.learningRate": 1e-12,
    "training.optimizer.weightDecay": 0,
  });
}

/** Trains the tabletop PixelVLA policy for a few steps: enough for a checkpoint whose every part is real, not for skill. */
export async function trainPixelPolicy(
  workspace: string,
  name: string,
  steps: number,
  further: Readonly<Record<string, string | number | null>> = {},
): Promise<void> {
  const recipe = join(root, "recipes", "tabletop-pixelvla-openvla-tiny.yaml");
  const changes = {
    "training.steps": steps,
    "training.pretrain": null,
    "training.batchSize": 4,
    "training.threads": 1,
    "training.schedule.warmupSteps": 0,
    "training.data.promptDropout": 0,
    ...further,
  };
  await runPixelvla(
    "train",
    recipe,
    `--dataset=${join(workspace, "datasets", "demos")}`,
    `--run=${join(workspace, "runs", name)}`,
    ...Object.entries(changes).map(([path, value]) => `--set=${path}=${String(value)}`),
  );
}

// Kills a training run with SIGKILL at random moments until it is through, and compares its final weights with those of a run never
// killed. Usage, from packages/training: node --conditions=@pixelvla/source --import tsx perf/kill-points.ts [POINTS] [SEED]
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Random, workerEntry } from "@pixelvla/core";
import { latestCheckpoint, findLatestCheckpoint, readStatus } from "@pixelvla/jobs";
import { bridgeFolder } from "../test/smallest-recipe.ts";

const points = Number(process.argv[2] ?? 10);
const random = new Random(process.argv[3] ?? "kill points");
const dataset = bridgeFolder();
if (dataset === undefined)
  throw new Error("The few BridgeData episodes that this needs are not beside the repository.");
const { url, options } = workerEntry(import.meta.url, "../test/processes/train").process;
const TRAINING = { steps: 60, checkpoint: { everySteps: 7 }, optimizer: { emaDecay: 0.99 } };
/** A train step takes a few milliseconds, a checkpoint some tens. */
const DELAY_MS = 40;
const FILES = ["model.safetensors", "optimizer.safetensors", "average.safetensors"];

/** Runs until the end, or is killed up to `DELAY_MS` after it has reported train step `killAt`: also while it writes a checkpoint. */
async function train(dir: string, killAt = Infinity): Promise<void> {
  const args = [...options.execArgv, fileURLToPath(url), dir, dataset!, JSON.stringify(TRAINING)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let isAimed = false;
  child.stdout.on("data", (data: Buffer) => {
    if (isAimed || Number(data.toString().trim().split("\n").at(-1)) < killAt) return;
    isAimed = true;
    setTimeout(() => child.kill("SIGKILL"), random.uniform() * DELAY_MS);
  });
  await new Promise<void>((resolve, reject) => {
    child.once("exit", (code, by) => {
      if (code === 0 || by === "SIGKILL") resolve();
      else reject(new Error(`the run ended with status ${code ?? by ?? "unknown"}`));
    });
  });
}

const digest = (dir: string) =>
  FILES.map((file) =>
    createHash("sha256")
      .update(readFileSync(join(latestCheckpoint(dir).dir, file)))
      .digest("hex"),
  ).join(" ");

const root = mkdtempSync(join(tmpdir(), "pixelvla-kill-points-"));
try {
  const [straight, broken] = [join(root, "straight"), join(root, "broken")];
  await train(straight);
  const steps = Array.from({ length: points }, () => 1 + random.integer(TRAINING.steps - 1)).sort((a, b) => a - b);
  for (const step of steps) {
    await train(broken, step);
    const { state } = await readStatus(broken);
    const saved = findLatestCheckpoint(broken)?.step ?? "none";
    console.log(`killed at train step ${step} (status says ${state}): the last checkpoint is of train step ${saved}`);
  }
  await train(broken);
  const [expected, found] = [digest(straight), digest(broken)];
  const { state } = await readStatus(broken);
  console.log(
    `${points} kills, then ${state}; weights, moments and average ${found === expected ? "are the same" : "DIFFER"}`,
  );
  if (found !== expected || state !== "done") process.exitCode = 1;
} finally {
  rmSync(root, { recursive: true, force: true });
}

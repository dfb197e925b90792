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
const FILES = ["model.safetensors", "optimizer.safetensors", "average.safetensors"];

/** Runs until the end or for `limitMs`; returns how long it ran and whether it ended by itself. */
async function train(dir: string, limitMs = Infinity): Promise<{ ms: number; isKilled: boolean }> {
  const startedMs = performance.now();
  const args = [...options.execArgv, fileURLToPath(url), dir, dataset!, JSON.stringify(TRAINING)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
  const timer = Number.isFinite(limitMs) ? setTimeout(() => child.kill("SIGKILL"), limitMs) : undefined;
  const signal = await new Promise<NodeJS.Signals | null>((resolve, reject) => {
    child.once("exit", (code, by) => (code === 0 || by !== null ? resolve(by) : reject(new Error(`status ${code}`))));
  });
  clearTimeout(timer);
  return { ms: performance.now() - startedMs, isKilled: signal === "SIGKILL" };
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
  const { ms } = await train(straight);
  console.log(`never killed: ${(ms / 1000).toFixed(1)} s`);
  let nKilled = 0;
  while (nKilled < points) {
    // Each point lies anywhere from the start of the process to where a run never killed would have ended.
    const { isKilled } = await train(broken, random.uniform() * ms);
    if (!isKilled) break;
    nKilled++;
    console.log(
      `killed ${nKilled}: the last checkpoint is of train step ${findLatestCheckpoint(broken)?.step ?? "none"}`,
    );
  }
  await train(broken);
  const [expected, found] = [digest(straight), digest(broken)];
  const { state } = await readStatus(broken);
  console.log(
    `${nKilled} kills, then ${state}; weights, moments and average ${found === expected ? "are the same" : "DIFFER"}`,
  );
  if (found !== expected || state !== "done") process.exitCode = 1;
} finally {
  rmSync(root, { recursive: true, force: true });
}

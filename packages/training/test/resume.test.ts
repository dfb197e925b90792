import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { workerEntry } from "@pixelvla/core";
import { latestCheckpoint, readMetrics, readStatus } from "@pixelvla/jobs";
import { expect, test } from "vitest";
import { bridgeFolder } from "./smallest-recipe.ts";

const dataset = bridgeFolder();
const { url, options } = workerEntry(import.meta.url, "./processes/train").process;

/** Runs until the end, or kills the process with SIGKILL once it has reported train step `killAt`. */
async function train(dir: string, training: Record<string, unknown>, killAt = Infinity): Promise<void> {
  const args = [...options.execArgv, fileURLToPath(url), dir, dataset!, JSON.stringify(training)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  child.stdout.on("data", (data: Buffer) => {
    if (Number(data.toString().trim().split("\n").at(-1)) >= killAt) child.kill("SIGKILL");
  });
  await new Promise((resolve) => child.once("exit", resolve));
}

const bytes = (dir: string, name: string) => readFileSync(join(latestCheckpoint(dir).dir, name));
const state = { optimizer: { emaDecay: 0.99 } };

test.skipIf(dataset === undefined)(
  "killed with -9 and resumed equals never killed, bit for bit: weights, moments, average and metrics",
  async () => {
    const root = mkdtempSync(join(tmpdir(), "pixelvla-resume-"));
    const [straight, broken] = [join(root, "straight"), join(root, "broken")];
    await train(straight, state);
    await train(broken, state, 23); // the last checkpoint is that of step 20
    expect(latestCheckpoint(broken).step).toBe(20);
    await train(broken, state);
    expect((await readStatus(broken)).state).toBe("done");
    for (const file of ["model.safetensors", "optimizer.safetensors", "average.safetensors"])
      expect(bytes(broken, file).equals(bytes(straight, file)), file).toBe(true);
    const losses = async (dir: string) => (await readMetrics(dir)).rows.map((row) => [row.step, row["loss"]]);
    expect(await losses(broken)).toEqual(await losses(straight));
  },
);

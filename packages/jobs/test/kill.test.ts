import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { workerEntry } from "@pixelvla/core";
import { expect, test } from "vitest";
import { findLatestCheckpoint, JobWriter, readJob, readMetrics } from "../src/index.ts";

const { url, options } = workerEntry(import.meta.url, "./processes/checkpointing").process;

test("kill -9 at any moment leaves a whole latest checkpoint, a readable status and no lock in the way", async () => {
  const dir = join(mkdtempSync(join(tmpdir(), "pixelvla-kill-")), "run");
  let nextStep = 1;
  for (let round = 0; round < 8; round++) {
    const child = spawn(process.execPath, [...options.execArgv, fileURLToPath(url), dir, String(nextStep)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let reported = 0;
    child.stdout.on("data", (data: Buffer) => {
      reported = Number(data.toString().trim().split("\n").at(-1));
    });
    while (reported < nextStep + 2) {
      expect(child.exitCode, "the worker ended by itself; its reason is on stderr").toBeNull();
      await sleep(5);
    }
    await sleep(Math.random() * 60);
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await exited;

    const latest = findLatestCheckpoint(dir);
    expect(latest?.step).toBeGreaterThanOrEqual(reported);
    const step = String(latest!.step);
    expect(readFileSync(join(latest!.dir, "small.txt"), "utf8")).toBe(step);
    expect(readFileSync(join(latest!.dir, "large.txt"), "utf8")).toBe(`${step}\n`.repeat(20_000));
    expect((await readJob(dir)).observed).toBe("lost");
    expect((await readMetrics(dir)).rows.length).toBeGreaterThan(0);
    nextStep = latest!.step + 1;
  }
  new JobWriter(dir, { kind: "train", config: {}, unit: "train steps", total: null, resume: true }).close("done");
  const names = readdirSync(join(dir, "checkpoints"));
  expect(names.filter((name) => name.startsWith("."))).toEqual([]);
});

test("a second process is refused while the first is at work", async () => {
  const dir = join(mkdtempSync(join(tmpdir(), "pixelvla-lock-")), "run");
  const child = spawn(process.execPath, [...options.execArgv, fileURLToPath(url), dir, "1"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  expect(
    () => new JobWriter(dir, { kind: "train", config: {}, unit: "train steps", total: null, resume: true }),
  ).toThrow(`process ${child.pid!} on`);
  child.kill("SIGKILL");
});

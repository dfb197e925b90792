import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { workerEntry } from "@pixelvla/core";
import { expect, test } from "vitest";
import { dropCommand, FINAL_STATES, launchLocal, readJob, type LaunchRequest } from "../src/index.ts";

const { url, options } = workerEntry(import.meta.url, "./processes/working").process;

const ended = async (dir: string) => {
  while (!FINAL_STATES.has((await readJob(dir)).observed)) await sleep(50);
  return (await readJob(dir)).status;
};

test("queued jobs run one after another in processes of their own, and a queued or running one can be stopped", async () => {
  const runsDir = mkdtempSync(join(tmpdir(), "pixelvla-queue-"));
  const journal = join(runsDir, "journal.txt");
  const request = (rounds: number): LaunchRequest => ({
    runsDir,
    name: "job",
    kind: "train",
    unit: "rounds",
    command: (dir) => [process.execPath, ...options.execArgv, fileURLToPath(url), dir, journal, String(rounds)],
  });
  const first = launchLocal(request(4));
  const second = launchLocal(request(1000));
  const third = launchLocal(request(2));
  const broken = launchLocal({ ...request(1), command: () => ["/no/such/program"] });
  await dropCommand(third, "stop");
  expect((await ended(first)).state).toBe("done");
  expect((await ended(third)).state).toBe("stopped");
  while ((await readJob(second)).status.state === "queued") await sleep(20);
  await dropCommand(second, "stop");
  expect((await ended(second)).state).toBe("stopped");
  expect(await ended(broken)).toMatchObject({ state: "failed", error: { code: "PVLA_LAUNCH" } });
  expect(readFileSync(journal, "utf8").trim().split("\n")).toEqual([
    `begin ${first}`,
    `end ${first}`,
    `begin ${second}`,
    `end ${second}`,
  ]);
});

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { captureOutput } from "../../../test/captured-output.ts";
import { runCli } from "../../run-cli.ts";

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../../../packages/data/test/golden/${name}`, import.meta.url));
const octo = fileURLToPath(new URL("../../../../../../shared/data/octo-bridge-debug", import.meta.url));
const output = captureOutput();

test("inspect lists a dataset's episodes", async () => {
  expect(await runCli(["data", "inspect", fixture("lerobot-v3")])).toBe(0);
  expect(output.stdout).toContain("lerobot-v3 v3.0");
  expect(output.stdout).toContain("move disc 1");
  expect(output.stderr).toBe("");
});

test("inspect shows one episode as JSON", async () => {
  expect(await runCli(["data", "inspect", fixture("libero-hdf5"), "--episode", "2", "--json"])).toBe(0);
  expect(JSON.parse(output.stdout)).toMatchObject({
    episodeIndex: 2,
    nFrames: 5,
    task: "turn on the stove and put the moka pot on it",
  });
});

test.skipIf(!existsSync(octo))("stats writes OpenVLA's file, and check compares data with it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pixelvla-"));
  const out = join(folder, "dataset_statistics.json");
  expect(await runCli(["data", "stats", octo, "--split", "train", "--out", out, "--json"])).toBe(0);
  expect(JSON.parse(readFileSync(out, "utf8"))).toEqual(JSON.parse(output.stdout));
  output.clear();
  expect(await runCli(["data", "check", octo, "--split", "train", "--statistics", out, "--json"])).toBe(0);
  const report = JSON.parse(output.stdout) as { verdict: string; checks: { name: string; verdict: string }[] };
  expect(report.checks.find(({ name }) => name === "statistics")?.verdict).toBe("pass");
  rmSync(folder, { recursive: true });
});

test("check fails with status 1 on a gripper of another convention, and says what to try", async () => {
  expect(await runCli(["data", "check", fixture("libero-hdf5"), "--standardisation", "generic"])).toBe(1);
  expect(output.stdout).toMatch(/fail {2}gripper .*--standardisation libero/);
  expect(output.stdout).toContain("result: fail");
});

test("a path without a dataset is one sentence and status 1", async () => {
  expect(await runCli(["data", "inspect", join(tmpdir(), "no-such-dataset")])).toBe(1);
  expect(output.stderr).toMatch(/^PVLA_DATA_FORMAT {2}Opening dataset .*no such file or folder/);
});

test("a word that is no choice is refused", async () => {
  expect(await runCli(["data", "stats", fixture("lerobot-v3"), "--on-damage", "ignore"])).toBe(1);
  expect(output.stderr).toContain("stop or skip");
});

import { execFile } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { JobWriter } from "@pixelvla/jobs";
import { expect, test } from "vitest";

const bin = fileURLToPath(new URL("../bin/pixelvla.js", import.meta.url));

interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

const pixelvla = (...args: string[]): Promise<Result> =>
  promisify(execFile)(process.execPath, [bin, ...args], { env: { ...process.env, NO_COLOR: "1" } }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: unknown) => error as Result,
  );

test("help lists the verbs and a verb's help its arguments", async () => {
  const [main, verb] = await Promise.all([pixelvla("--help"), pixelvla("jobs", "list", "--help")]);
  expect(main.code).toBe(0);
  expect(main.stdout).toContain("jobs");
  expect(verb.stdout).toContain("RUNS");
});

test("an unknown command is a usage error", async () => {
  const result = await pixelvla("jobs", "lisst");
  expect(result.code).toBe(2);
  expect(result.stderr).toMatch(/^PVLA_USAGE {2}Unknown command lisst/);
});

test("an error is its code and sentence without a stack trace, and JSON on request", async () => {
  const [text, json] = await Promise.all([
    pixelvla("jobs", "show", "/none"),
    pixelvla("jobs", "show", "/none", "--json"),
  ]);
  expect(text).toMatchObject({ code: 1, stdout: "" });
  expect(text.stderr).toMatch(/^PVLA_JOB_NOT_FOUND {2}Reading a job: .*\n$/);
  expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: "PVLA_JOB_NOT_FOUND" } });
});

test("the jobs of a folder are listed for people and for programs", async () => {
  const runs = mkdtempSync(join(tmpdir(), "pixelvla-runs-"));
  new JobWriter(join(runs, "a"), { kind: "train", config: {}, unit: "train steps", total: 4 }).close("done");
  const [text, json] = await Promise.all([pixelvla("jobs", "list", runs), pixelvla("jobs", "list", runs, "--json")]);
  expect(text.stdout).toMatch(/a\s+train\s+done\s+0\/4 train steps/);
  expect(JSON.parse(json.stdout)).toMatchObject({ jobs: [{ id: "a", observed: "done" }] });
});

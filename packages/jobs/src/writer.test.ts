import { existsSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pixelVlaError } from "@pixelvla/core";
import { expect, test } from "vitest";
import { dropCommand } from "./commands.ts";
import { readMetrics, tailLog } from "./follow.ts";
import { listJobs, readJobDetail, readStatus } from "./reader.ts";
import { JobWriter, type OpenJobOptions } from "./writer.ts";

const newDir = () => join(mkdtempSync(join(tmpdir(), "pixelvla-job-")), "run");
const options: OpenJobOptions = { kind: "train", config: { seed: 3 }, unit: "train steps", total: 10 };

test("a finished job can be read in full", async () => {
  const dir = newDir();
  const job = new JobWriter(dir, options);
  job.log("hello");
  job.metrics({ step: 1, loss: 0.5 });
  job.metrics({ step: 2, loss: Number.NaN });
  job.progress(2, "training");
  await job.checkpoint(2, (aside) => writeFileSync(join(aside, "w.bin"), "abc"), { keepLast: 2 });
  writeFileSync(job.result("report.md"), "# fine");
  job.close("done");

  const detail = await readJobDetail(dir);
  expect(detail.observed).toBe("done");
  expect(detail.config).toEqual({ seed: 3 });
  expect(detail.status.progress).toMatchObject({ done: 2, total: 10, unit: "train steps" });
  expect(detail.checkpoints.map((c) => c.step)).toEqual([2]);
  expect(detail.results).toEqual(["report.md"]);
  expect((await tailLog(dir)).text).toMatch(/hello\n$/);
  const { rows } = await readMetrics(dir);
  expect(rows).toMatchObject([
    { step: 1, loss: 0.5 },
    { step: 2, loss: null },
  ]);
  expect(
    readdirSync(dir)
      .sort()
      .filter((f) => !f.startsWith("events")),
  ).toEqual(["checkpoints", "commands", "config.yaml", "log.txt", "metrics.jsonl", "results", "status.json"]);
});

test("a second worker on the same directory is refused by name, and let in after the first ends", () => {
  const dir = newDir();
  const first = new JobWriter(dir, options);
  expect(() => new JobWriter(dir, { ...options, resume: true })).toThrow(
    expect.objectContaining({
      code: "PVLA_JOB_LOCKED",
      message: expect.stringContaining(`process ${process.pid}`) as string,
    }),
  );
  first.close("stopped");
  new JobWriter(dir, { ...options, resume: true }).close("done");
});

test("a directory that holds work is only opened to resume it", () => {
  const dir = newDir();
  new JobWriter(dir, options).close("stopped");
  expect(() => new JobWriter(dir, options)).toThrow(expect.objectContaining({ code: "PVLA_JOB_EXISTS" }));
  expect(existsSync(join(dir, "lock"))).toBe(false);
});

test("resuming drops the metrics of steps that will be run again and tells an incremental reader", async () => {
  const dir = newDir();
  const first = new JobWriter(dir, options);
  for (let step = 1; step <= 5; step++) first.metrics({ step, loss: step });
  first.close("stopped");
  const { cursor } = await readMetrics(dir);
  const second = new JobWriter(dir, { ...options, resume: true });
  expect(second.isResumed).toBe(true);
  second.rewindMetrics(3);
  second.metrics({ step: 4, loss: 40 });
  second.close("done");
  const page = await readMetrics(dir, cursor);
  expect(page.reset).toBe(true);
  expect(page.rows.map((row) => [row.step, row["loss"]])).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 40],
  ]);
});

test("an incremental reader gets each row once and leaves a half-written line for later", async () => {
  const dir = newDir();
  const job = new JobWriter(dir, options);
  job.metrics({ step: 1 });
  const first = await readMetrics(dir);
  expect(first.rows.map((row) => row.step)).toEqual([1]);
  writeFileSync(job.paths.metrics, '{"step":2,"timeS":', { flag: "a" });
  const second = await readMetrics(dir, first.cursor);
  expect(second).toMatchObject({ rows: [], reset: false, more: false });
  writeFileSync(job.paths.metrics, '1}\n{"step":3,"timeS":2}\n', { flag: "a" });
  const third = await readMetrics(dir, second.cursor);
  expect(third.rows.map((row) => row.step)).toEqual([2, 3]);
  job.close("done");
});

test("commands reach the worker, stop first, and are taken once", async () => {
  const dir = newDir();
  const job = new JobWriter(dir, options);
  await dropCommand(dir, "pause");
  await dropCommand(dir, "stop");
  expect(await job.takeCommands()).toEqual(["stop", "pause"]);
  expect(await job.takeCommands()).toEqual([]);
  job.close("stopped");
});

test("a failure is written as its code and sentence", async () => {
  const dir = newDir();
  const job = new JobWriter(dir, options);
  job.close("failed", pixelVlaError("PVLA_TEST", { doing: "Testing", found: "a fault" }, { batch: 7 }));
  expect((await readStatus(dir)).error).toMatchObject({
    code: "PVLA_TEST",
    message: "Testing: a fault.",
    facts: { batch: 7 },
  });
});

test.runIf(existsSync("/dev/full"))(
  "a full disk is named, keeps the last checkpoint and is written into the status",
  async () => {
    const dir = newDir();
    const job = new JobWriter(dir, options);
    await job.checkpoint(1, (aside) => writeFileSync(join(aside, "w.bin"), "one"), { keepLast: 2 });
    const write = (aside: string) => {
      symlinkSync("/dev/full", join(aside, "w.bin"));
      writeFileSync(join(aside, "w.bin"), "two");
    };
    const error: unknown = await job.checkpoint(2, write, { keepLast: 2 }).catch((e: unknown) => e);
    expect(error).toMatchObject({
      code: "PVLA_DISK_FULL",
      message: expect.stringContaining("step-00000002") as string,
    });
    job.close("failed", error);
    const detail = await readJobDetail(dir);
    expect(detail.status.error?.code).toBe("PVLA_DISK_FULL");
    expect(detail.checkpoints.map((c) => c.step)).toEqual([1]);
    expect(readFileSync(join(dir, "log.txt"), "utf8")).toContain("no space is left on the device");
  },
);

test("only the last checkpoints are kept, and those that are wanted", async () => {
  const dir = newDir();
  const job = new JobWriter(dir, options);
  for (let step = 1; step <= 6; step++)
    await job.checkpoint(step, (aside) => writeFileSync(join(aside, "w"), String(step)), {
      keepLast: 2,
      keep: (s) => s === 2,
    });
  job.close("done");
  const { jobs } = await listJobs(join(dir, ".."));
  expect((await readJobDetail(jobs[0]!.dir)).checkpoints.map((c) => c.step)).toEqual([2, 5, 6]);
});

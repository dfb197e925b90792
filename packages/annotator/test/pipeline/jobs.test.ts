import { fork } from "node:child_process";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { Random, workerEntry } from "@pixelvla/core";
import { frameAnnotation, ReviewLog, SidecarWriter, openAnnotations } from "@pixelvla/data";
import { dropCommand, readStatus } from "@pixelvla/jobs";
import { afterAll, expect, test } from "vitest";
import { mergeShards, parseShard, shardRange, type Funnel } from "../../src/index.ts";
import { colourRecipe } from "./colour-models.ts";
import { paintedDataset } from "./painted-dataset.ts";
import { annotatedEpisodes, filesBelow, runJob } from "./run-job.ts";

const folder = mkdtempSync(join(tmpdir(), "pixelvla-annotate-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const N_KILLS = Number(process.env["PIXELVLA_KILLS"] ?? 3);

const variantOf = (i: number) => (i % 5 === 3 ? ("never-closes" as const) : ("plain" as const));
const dataset = (n: number) => paintedDataset(n, variantOf);
const results = (dir: string) =>
  ["funnel.json", "funnel.txt", "funnel.html"].map((name) => readFileSync(join(dir, "results", name), "utf8"));

test("two shards merged, once and twice, equal one run to the last byte: annotations, funnel and page", async () => {
  const whole = join(folder, "whole");
  await runJob(whole, dataset(11));
  const shards = [1, 2].map((index) => join(folder, `shard-${index}`));
  for (const [i, dir] of shards.entries()) {
    const outcome = await runJob(dir, dataset(11), { shard: { index: i + 1, of: 2 } });
    expect(outcome.sidecar).toBeNull();
  }
  const dir = join(folder, "merged");
  const open = () => Promise.resolve(dataset(11));
  await mergeShards({ dir, shards: [...shards].reverse(), open });
  const once = filesBelow(join(dir, "annotations"));
  expect(Object.keys(once).length).toBeGreaterThan(3);
  await mergeShards({ dir, shards, open });
  expect(filesBelow(join(dir, "annotations"))).toEqual(once);
  expect(once).toEqual(filesBelow(join(whole, "annotations")));
  expect(results(dir)).toEqual(results(whole));
});

test("shards that are missing, doubled, unfinished or of another recipe are refused", async () => {
  const open = () => Promise.resolve(dataset(6));
  const one = join(folder, "refused-1");
  const other = join(folder, "refused-2");
  await runJob(one, dataset(6), { shard: { index: 1, of: 2 } });
  await runJob(other, dataset(6), { shard: { index: 2, of: 2 }, recipe: colourRecipe({ prompts: { seed: 7 } }) });
  const merge = (shards: string[]) => mergeShards({ dir: join(folder, "refused"), shards, open });
  for (const shards of [[one], [one, one], [one, other]])
    await expect(merge(shards)).rejects.toMatchObject({ code: "PVLA_ANNOTATE_SHARDS" });
  await expect(merge([folder])).rejects.toMatchObject({ code: "PVLA_ANNOTATE_NO_JOB" });
});

test("stopped by command and by signal, a job goes on where it was and nothing differs from one run", async () => {
  const whole = join(folder, "unstopped");
  await runJob(whole, dataset(12));
  const dir = join(folder, "stopped");
  const controller = new AbortController();
  const first = await runJob(dir, dataset(12), {
    signal: controller.signal,
    onEvent: (event) => event.type === "progress" && event.nDone === 3 && controller.abort(),
  });
  expect([first.state, (await readStatus(dir)).state]).toEqual(["stopped", "stopped"]);
  await dropCommand(dir, "stop");
  const second = await runJob(dir, dataset(12));
  expect(second.state).toBe("stopped");
  const third = await runJob(dir, dataset(12));
  expect(third).toMatchObject({ state: "done", funnel: { nIn: 12 } });
  const again = await runJob(dir, dataset(12));
  expect(again.funnel).toEqual(third.funnel);
  expect(again.timing.nEpisodes).toBe(0);
  expect(filesBelow(join(dir, "annotations"))).toEqual(filesBelow(join(whole, "annotations")));
  expect(results(dir)).toEqual(results(whole));
});

test(`killed with SIGKILL at ${N_KILLS} random moments and run again, nothing is lost or doubled`, async () => {
  const n = Math.max(40, 8 * N_KILLS);
  const random = new Random(Number(process.env["PIXELVLA_KILL_SEED"] ?? 1));
  const dir = join(folder, "killed");
  const { url, options } = workerEntry(import.meta.url, "./journal-worker").process;
  const start = () => {
    const child = fork(fileURLToPath(url), [dir, String(n), "2"], {
      ...options,
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    return { child, exit: new Promise<number | null>((done) => child.once("close", done)) };
  };
  const done = () => {
    try {
      const [run] = readdirSync(join(dir, "work"));
      return readFileSync(join(dir, "work", run!, "episodes.jsonl"), "utf8").split("\n").length - 1;
    } catch {
      return 0;
    }
  };
  let nKilled = 0;
  for (let i = 0; i < N_KILLS; i++) {
    const { child, exit } = start();
    const from = done();
    const share = random.uniform();
    const enough = () =>
      child.exitCode !== null || done() > from + Math.floor((share * (n - from)) / Math.max(2, N_KILLS - i));
    while (!enough()) await sleep(5);
    await sleep(random.uniform() * 30);
    if (child.kill("SIGKILL")) nKilled++;
    await exit;
  }
  expect(nKilled).toBe(N_KILLS);
  const last = start();
  expect(await last.exit).toBe(0);
  const [run] = readdirSync(join(dir, "work"));
  const lines = readFileSync(join(dir, "work", run!, "episodes.jsonl"), "utf8")
    .trimEnd()
    .split("\n");
  const positions = lines.map(
    (line) => (JSON.parse(line.slice(0, line.indexOf("\t"))) as { position: number }).position,
  );
  expect(positions).toEqual(Array.from({ length: n }, (_, i) => i));
  const kept = Array.from({ length: n }, (_, i) => i).filter((i) => variantOf(i) === "plain");
  expect(await annotatedEpisodes(join(dir, "annotations"))).toEqual(kept);
  const funnel = JSON.parse(results(dir)[0]!) as Funnel;
  expect(funnel).toMatchObject({
    nIn: n,
    nKept: kept.length,
    dropped: [{ cause: "never-closes", nDropped: n - kept.length }],
  });
}, 600_000);

test("a journal whose last line is cut off or zeroed is mended; one damaged in the middle is refused", async () => {
  const dir = join(folder, "torn");
  const { run } = await runJob(dir, dataset(6));
  const before = filesBelow(join(dir, "annotations"));
  const journal = join(dir, "work", run, "episodes.jsonl");
  const whole = readFileSync(journal, "utf8");
  for (const broken of [
    whole.slice(0, -20),
    `${whole.slice(0, -20)}\n`,
    whole.slice(0, whole.lastIndexOf("{", whole.length - 40)),
  ]) {
    writeFileSync(journal, broken);
    const { funnel } = await runJob(dir, dataset(6));
    expect(funnel.nIn).toBe(6);
    expect(readFileSync(journal, "utf8")).toBe(whole);
    expect(filesBelow(join(dir, "annotations"))).toEqual(before);
  }
  const lines = whole.split("\n");
  writeFileSync(journal, [lines[0], "rubbish", ...lines.slice(2)].join("\n"));
  await expect(runJob(dir, dataset(6))).rejects.toMatchObject({ code: "PVLA_ANNOTATE_JOURNAL" });
  appendFileSync(journal, "");
});

test("a second run with another recipe replaces annotations, but never what a person decided on or corrected", async () => {
  const dir = join(folder, "people");
  const set = dataset(6);
  const first = await runJob(dir, set);
  const root = first.sidecar!;
  const log = await ReviewLog.open(root);
  await log.decide(0, "accepted", "ada");
  await log.decide(1, "hard", "ada", "the block is half hidden");
  await log.decide(5, "rejected", "ada");
  await log.undo(5, "ada");
  await log.close();
  const info = set.info;
  const sidecar = await SidecarWriter.open(root, {
    name: info.name,
    format: info.format,
    version: info.version,
    nEpisodes: 6,
  });
  const byHand = frameAnnotation({
    camera: "front",
    phrase: "block",
    score: 1,
    model: "person",
    modelVersion: "1",
    review: "corrected",
  });
  await sidecar.add({
    episodeIndex: 2, split: "train", task: "t", run: "edit-1", rawFrameIndex: Int32Array.of(4), annotations: [byHand],
  }); // prettier-ignore
  await sidecar.close();

  const second = await runJob(dir, dataset(6), { recipe: colourRecipe({ prompts: { points: 5 } }) });
  expect(second.run).not.toBe(first.run);
  expect(second.nProtected).toBe(3);
  const reader = await openAnnotations(root);
  const points = async (i: number) =>
    (await reader.episode(i))!.annotations.find((a) => a !== undefined)!.points.length;
  expect([await points(0), await points(1), await points(2), await points(4), await points(5)]).toEqual([
    3, 3, 0, 5, 5,
  ]);
  expect(await reader.index.episode(1)).toMatchObject({ decision: "hard", author: "ada" });
  await reader.close();
});

test("a directory stays with its dataset and shard", async () => {
  const dir = join(folder, "other");
  await runJob(dir, dataset(3));
  await expect(runJob(dir, dataset(3), { shard: { index: 1, of: 2 } })).rejects.toMatchObject({
    code: "PVLA_ANNOTATE_OTHER_JOB",
  });
});

test("shards cover every episode once, whatever the numbers", () => {
  for (const [n, of] of [[10, 3], [2, 5], [0, 2], [160_000, 64]] as const) {
    const ranges = Array.from({ length: of }, (_, i) => shardRange({ index: i + 1, of }, n));
    expect(ranges[0]!.start).toBe(0);
    expect(ranges.at(-1)!.end).toBe(n);
    for (let i = 1; i < of; i++) expect(ranges[i]!.start).toBe(ranges[i - 1]!.end);
  } // prettier-ignore
  expect(parseShard("2/8")).toEqual({ index: 2, of: 8 });
  for (const bad of ["0/2", "3/2", "a/b", "1", ""])
    expect(() => parseShard(bad)).toThrow(expect.objectContaining({ code: "PVLA_ARGUMENTS" }));
});

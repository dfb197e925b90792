import { fork, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { workerEntry } from "@pixelvla/core";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { afterAll, expect, test } from "vitest";
import { PixelDatasetWriter } from "../src/pixel-dataset/pixel-dataset-writer.ts";
import { syntheticEpisode, syntheticLayout } from "./synthetic-episode.ts";

const folder = mkdtempSync(join(tmpdir(), "pixelvla-append-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function startWriter(
  root: string,
  from: number,
  to: number,
  commitEpisodes: number,
): ChildProcess & { printed: () => string[] } {
  const { url, options } = workerEntry(import.meta.url, "./append-worker").process;
  const child = fork(fileURLToPath(url), [root, from, to, commitEpisodes].map(String), {
    ...options,
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  let text = "";
  child.stdout!.on("data", (part: Buffer) => (text += part.toString()));
  return Object.assign(child, { printed: () => text.split("\n").slice(0, -1) });
}

const exitOf = (child: ChildProcess) => new Promise<number | null>((done) => child.once("close", (code) => done(code)));

async function tableRows(root: string, part: string): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  const files = readdirSync(join(root, part), { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".parquet"),
  );
  for (const name of files.sort())
    rows.push(
      ...((await parquetReadObjects({ file: await asyncBufferFromFile(join(root, part, name)) })) as Record<
        string,
        unknown
      >[]),
    );
  return rows;
}

/** Every rule a LeRobot dataset has to keep, whoever wrote it and however often they were killed. */
async function checkDataset(root: string): Promise<string[]> {
  const info = JSON.parse(readFileSync(join(root, "meta/info.json"), "utf8")) as {
    total_episodes: number;
    total_frames: number;
  };
  const episodes = await tableRows(root, "meta/episodes");
  const frames = await tableRows(root, "data");
  expect(episodes.map((row) => Number(row["episode_index"]))).toEqual(episodes.map((_, i) => i));
  expect(frames.map((row) => Number(row["index"]))).toEqual(frames.map((_, i) => i));
  expect([info.total_episodes, info.total_frames]).toEqual([episodes.length, frames.length]);
  for (const row of episodes) {
    const [from, to] = [Number(row["dataset_from_index"]), Number(row["dataset_to_index"])];
    const seed = Number(String(row["source_key"]).split("/")[2]);
    expect(to - from).toBe(8 + (seed % 8));
    const own = frames.slice(from, to);
    expect(own.every((frame) => Number(frame["episode_index"]) === Number(row["episode_index"]))).toBe(true);
    expect(Math.fround((own[0]!["action"] as number[])[0]!)).toBe(Math.fround(Math.sin(seed)));
  }
  return episodes.map((row) => String(row["source_key"]));
}

test("two writers at once, killed with SIGKILL at 20 random moments, lose nothing they reported and double nothing", async () => {
  const root = join(folder, "killed");
  const reported = new Set<string>();
  let random = 7;
  const killOne = async (from: number) => {
    const child = startWriter(root, from, from + 5000, 2);
    const exit = exitOf(child);
    while (child.exitCode === null && child.printed().length === 0) await sleep(5);
    random = (random * 1103515245 + 12345) % 2 ** 31;
    await sleep(random % 120);
    child.kill("SIGKILL");
    await exit;
    for (const key of child.printed()) reported.add(key);
  };
  for (let round = 0; round < 10; round++) await Promise.all([killOne(0), killOne(20)]);
  const writer = await PixelDatasetWriter.open(root, syntheticLayout()); // settles what the last one left half done
  await writer.add(syntheticEpisode(9999, { withImages: false }));
  await writer.close();
  const keys = await checkDataset(root);
  expect(new Set(keys).size).toBe(keys.length);
  expect([...reported].filter((key) => !keys.includes(key))).toEqual([]);
  expect(reported.size).toBeGreaterThan(20);
  expect(readdirSync(join(root, ".pixelvla"))).toEqual(["commits"]);
});

test("writers working at once on overlapping episodes lose nothing and double nothing", async () => {
  const root = join(folder, "together");
  const children = [startWriter(root, 0, 40, 3), startWriter(root, 20, 60, 2), startWriter(root, 10, 30, 5)];
  expect(await Promise.all(children.map(exitOf))).toEqual([0, 0, 0]);
  const keys = await checkDataset(root);
  expect(keys.sort()).toEqual(Array.from({ length: 60 }, (_, i) => `synthetic/train/${i}`).sort());
  const claims = children.flatMap((child) => child.printed());
  expect(new Set(claims).size).toBe(claims.length);
});

test("a write that fails leaves the dataset as it was, and the same run goes on afterwards", async () => {
  const root = join(folder, "full");
  const writer = await PixelDatasetWriter.open(root, syntheticLayout(), { commitEpisodes: 2 });
  for (let seed = 0; seed < 4; seed++) await writer.add(syntheticEpisode(seed));
  await writer.close();
  const before = statSync(join(root, "meta/info.json")).mtimeMs;
  const failing = await PixelDatasetWriter.open(root, syntheticLayout());
  const broken = syntheticEpisode(4);
  await expect(
    failing.add({ ...broken, episode: { ...broken.episode, action: broken.episode.action.map(() => NaN) } }),
  ).rejects.toMatchObject({ code: "PVLA_PIXELS_EPISODE", message: expect.stringContaining("frame 0") as string });
  expect(statSync(join(root, "meta/info.json")).mtimeMs).toBe(before);
  await failing.add(broken);
  expect(await failing.close()).toMatchObject({ nAdded: 1 });
  expect(await checkDataset(root)).toHaveLength(5);
});

test.skipIf(process.platform === "win32")(
  "a disk that is full leaves the dataset as it was, says so, and the same run goes on afterwards",
  async () => {
    const root = join(folder, "disk");
    expect(await exitOf(startWriter(root, 0, 6, 6))).toBe(0);
    const { url, options } = workerEntry(import.meta.url, "./append-worker").process;
    const command = [process.execPath, ...options.execArgv, fileURLToPath(url), root, "0", "80", "80"];
    // A limit on file sizes stands in for the full disk: writing fails in the middle of a file, as it does there.
    const full = spawnSync("sh", ["-c", 'ulimit -f 64; exec "$@"', "sh", ...command], { encoding: "utf8" });
    expect([full.status, full.stderr]).toEqual([
      1,
      expect.stringMatching(/PVLA_PIXELS_WRITE|Everything committed before is unharmed/),
    ]);
    expect(await checkDataset(root)).toHaveLength(6);
    expect(readdirSync(join(root, ".pixelvla"))).toEqual(["commits"]);
    expect(await exitOf(startWriter(root, 0, 80, 80))).toBe(0);
    expect(new Set(await checkDataset(root)).size).toBe(80);
  },
  180_000,
);

test("a folder with other content, or a dataset of another layout, is refused", async () => {
  await expect(PixelDatasetWriter.open(import.meta.dirname, syntheticLayout())).rejects.toMatchObject({
    code: "PVLA_PIXELS_NOT_OURS",
  });
  const root = join(folder, "layout");
  await (await PixelDatasetWriter.open(root, syntheticLayout())).close();
  await expect(PixelDatasetWriter.open(root, { ...syntheticLayout(), fps: 10 })).rejects.toMatchObject({
    code: "PVLA_PIXELS_LAYOUT",
  });
});

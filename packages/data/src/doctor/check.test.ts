import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { sharedData } from "../../test/shared-data.ts";
import type { Damage, Dataset, DatasetInfo, Episode, RgbImage } from "../episode.ts";
import { openDataset } from "../open.ts";
import { ACTION_NAMES } from "../standardise/recorded.ts";
import { readStatistics } from "../statistics/statistics-file.ts";
import { checkDataset, type CheckOptions } from "./check.ts";

const octo = sharedData("octo-bridge-debug");
const FRAMES = 12;

/** A healthy made-up episode: small varied deltas, the gripper closes half-way and opens the measured jaws accordingly. */
function healthy(episodeIndex: number, change: (episode: Episode) => Partial<Episode> = () => ({})): Episode {
  const action = Float32Array.from({ length: FRAMES * 7 }, (_, i) =>
    i % 7 === 6 ? (i < FRAMES * 3.5 ? 1 : 0) : 0.01 * Math.sin(i + episodeIndex),
  );
  const state = new Float32Array(FRAMES * 7);
  for (let i = 0; i < state.length; i++)
    state[i] = i < 7 ? 0.5 + i : state[i - 7]! + (i % 7 === 6 ? 0 : action[i - 7]!);
  const rawGripper = action.filter((_, i) => i % 7 === 6);
  const base = {
    episodeIndex,
    split: "train",
    task: `put ${episodeIndex} on plate`,
    source: { file: "x" },
    nFrames: FRAMES,
    nRawFrames: FRAMES,
    state,
    action,
    rawAction: action,
    rawFrameIndex: Int32Array.from({ length: FRAMES }, (_, t) => t),
    timestampS: Float64Array.from({ length: FRAMES }, (_, t) => t / 5),
    rawGripper,
    rawGripperCommand: rawGripper,
    rawOpening: rawGripper.map((_, t) => rawGripper[Math.max(0, t - 2)]!),
    image: () => Promise.resolve(picture(8, 8)),
    encodedImage: () => Promise.reject(new Error("not asked for")),
  } satisfies Episode;
  return { ...base, ...change(base) };
}

function picture(widthPx: number, heightPx: number, blank = false): RgbImage {
  return { widthPx, heightPx, data: Uint8Array.from({ length: widthPx * heightPx * 3 }, (_, i) => (blank ? 9 : i)) };
}

function made(
  change: (episode: Episode) => Partial<Episode> = () => ({}),
  info: Partial<DatasetInfo> = {},
  damage: Damage[] = [],
): Dataset {
  const nEpisodes = 6;
  const whole: DatasetInfo = {
    name: "made",
    format: "rlds",
    root: "/made",
    version: "1.0.0",
    fps: 5,
    cameras: [{ key: "image_0", widthPx: 8, heightPx: 8 }],
    primaryCamera: "image_0",
    stateNames: [...ACTION_NAMES],
    actionNames: [...ACTION_NAMES],
    nEpisodes,
    nEpisodesDeclared: nEpisodes,
    nFrames: nEpisodes * FRAMES,
    splits: ["train"],
    standardisation: "bridge",
    missingFiles: [],
    ...info,
  };
  const dataset: Pick<Dataset, "info" | "episodeIndices" | "damage" | "tryEpisode"> = {
    info: whole,
    episodeIndices: Int32Array.from({ length: nEpisodes }, (_, i) => i),
    damage,
    tryEpisode: (i) => Promise.resolve(healthy(i, change)),
  };
  return dataset as Dataset;
}

async function verdicts(dataset: Dataset, options: CheckOptions = {}): Promise<Record<string, string>> {
  const { checks } = await checkDataset(dataset, options);
  return Object.fromEntries(
    checks.filter(({ verdict }) => verdict !== "pass").map(({ name, verdict }) => [name, verdict]),
  );
}

test("a healthy dataset passes every check", async () => {
  expect(await verdicts(made())).toEqual({});
});

const sick: [string, Dataset, Record<string, string>][] = [
  [
    "a -1/+1 gripper",
    made(({ action }) => ({ action: action.map((v, i) => (i % 7 === 6 ? 2 * v - 1 : v)) })),
    { gripper: "fail" },
  ],
  [
    "an inverted gripper",
    made(({ rawGripper }) => ({ rawOpening: rawGripper!.map((v) => 1 - v) })),
    { gripper: "fail" },
  ],
  [
    "absolute poses",
    made(({ action, state }) => ({ action: action.map((v, i) => (i % 7 === 6 ? v : state[i]!)) })),
    { deltas: "fail", motion: "pass" },
  ],
  ["a wrong frame rate", made(() => ({}), { fps: 10 }), { timing: "fail" }],
  ["missing instructions", made(({ episodeIndex }) => ({ task: episodeIndex < 2 ? "" : "go" })), { language: "warn" }],
  ["no instructions", made(() => ({ task: " " })), { language: "fail" }],
  ["missing files", made(() => ({}), { nEpisodesDeclared: 10, missingFiles: ["a.parquet"] }), { files: "warn" }],
  [
    "a standing robot",
    made(({ action, episodeIndex }) =>
      episodeIndex === 3 ? { action: action.map((v, i) => (i % 7 === 6 ? v : 0)) } : {},
    ),
    { motion: "warn" },
  ],
  [
    "a jump",
    made(({ action, episodeIndex }) => (episodeIndex === 3 ? { action: action.map((v, i) => (i === 7 ? 5 : v)) } : {})),
    { motion: "warn" },
  ],
  ["images of another size", made(() => ({ image: () => Promise.resolve(picture(9, 8)) })), { images: "fail" }],
  ["a black camera", made(() => ({ image: () => Promise.resolve(picture(8, 8, true)) })), { images: "fail" }],
  ["no camera", made(() => ({}), { cameras: [], primaryCamera: undefined }), { version: "fail", images: "warn" }],
];

test.each(sick)("%s is found", async (_, dataset, expected) => {
  const found = await verdicts(dataset);
  for (const [name, verdict] of Object.entries(expected)) expect(found[name] ?? "pass").toBe(verdict);
});

test("damage and NaN actions are told apart", async () => {
  const note = (code: string): Damage => ({ file: "f", offset: 7, episodeIndex: 1, code, message: "broken" });
  const dataset = made(() => ({}), {}, [note("PVLA_DATA_CHECKSUM"), note("PVLA_DATA_NON_FINITE")]);
  expect(await verdicts(dataset)).toEqual({ read: "fail", finite: "fail" });
});

test.skipIf(octo.absent)("statistics of another dataset are noticed, the right ones pass", async () => {
  const published = sharedData("open-pi-zero-statistics");
  const { "": bridge } = await readStatistics(join(published.path, "bridge_statistics.json"));
  const { "": fractal } = await readStatistics(join(published.path, "fractal_statistics.json"));
  const dataset = await openDataset(octo.path, { split: "train", onDamage: "skip" });
  const check = async (statistics: NonNullable<CheckOptions["statistics"]>) =>
    (await checkDataset(dataset, { statistics, maxImageEpisodes: 0 })).checks.find(
      ({ name }) => name === "statistics",
    )!;
  expect((await check(bridge!)).verdict).not.toBe("fail");
  const squeezed = { action: { ...fractal!.action, q99: fractal!.action.q99.map((value) => value / 100) } };
  expect((await check(squeezed)).verdict).toBe("fail");
  await dataset.close();
});

test("a LIBERO file read without its standardisation is caught", async () => {
  const path = fileURLToPath(new URL("../../test/golden/libero-hdf5", import.meta.url));
  const dataset = await openDataset(path, { standardisation: "generic", onDamage: "skip" });
  expect((await verdicts(dataset))["gripper"]).toBe("fail");
  await dataset.close();
});

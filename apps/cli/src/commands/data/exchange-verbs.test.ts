import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  encodeCocoRle,
  frameAnnotation,
  openAnnotations,
  openDataset,
  sidecarDataset,
  SidecarWriter,
} from "@pixelvla/data";
import { afterAll, expect, test } from "vitest";
import { captureOutput } from "../../../test/captured-output.ts";
import { runCli } from "../../run-cli.ts";

const DATASET = fileURLToPath(new URL("../../../../../packages/data/test/golden/lerobot-v3", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "pixelvla-exchange-"));
const annotations = join(folder, "set.annotations");
const output = captureOutput();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Annotates the first episode: a square that moves with the frame. */
async function annotate(): Promise<string[]> {
  const dataset = await openDataset(DATASET);
  const episode = await dataset.episode(dataset.episodeIndices[0]!);
  const camera = dataset.info.primaryCamera!;
  const { widthPx, heightPx } = await episode.image(camera, 0);
  const frames = Array.from(episode.rawFrameIndex, (_, t) => {
    const data = new Uint8Array(widthPx * heightPx);
    for (let y = 2; y < 9; y++) data.fill(1, y * widthPx + 3 + t, y * widthPx + 10 + t);
    const mask = encodeCocoRle({ widthPx, heightPx, data });
    return frameAnnotation({ camera, phrase: "disc", mask, score: 0.5, model: "test", modelVersion: "1" });
  });
  const sidecar = await SidecarWriter.open(annotations, sidecarDataset(dataset.info));
  const { episodeIndex, split, task, rawFrameIndex } = episode;
  await sidecar.add({ episodeIndex, split, task, rawFrameIndex, annotations: frames, run: "test" });
  await sidecar.close();
  await dataset.close();
  return frames.map(({ mask }) => mask!.counts);
}

test.each([
  ["coco", "annotations.json"],
  ["cvat", "annotations.xml"],
  ["label-studio", "tasks.json"],
  ["masks", "masks"],
])("masks exported as %s come back pixel for pixel", async (format, file) => {
  const counts = await annotate();
  const out = join(folder, format);
  expect(
    await runCli(["data", "export", DATASET, "--annotations", annotations, "--format", format, "--out", out, "--json"]),
  ).toBe(0);
  expect(JSON.parse(output.stdout)).toMatchObject({ nImages: counts.length, nMasks: counts.length });
  const back = join(folder, `${format}.annotations`);
  expect(
    await runCli(["data", "import", DATASET, "--annotations", back, "--format", format, "--file", join(out, file)]),
  ).toBe(0);
  const reader = await openAnnotations(back);
  const stored = (await reader.episode(0))!;
  expect(
    stored.annotations.map((annotation) => [annotation?.phrase, annotation?.mask?.counts, annotation?.review]),
  ).toEqual(counts.map((one) => ["disc", one, "corrected"]));
  await reader.close();
});

test("convert writes a pixel dataset, and a second run finds everything done", async () => {
  const before = readdirSync(DATASET, { recursive: true });
  const out = join(folder, "pixel");
  expect(await runCli(["data", "convert", DATASET, "--out", out, "--json"])).toBe(0);
  const first = JSON.parse(output.stdout) as { nAdded: number };
  expect(first.nAdded).toBeGreaterThan(0);
  output.clear();
  expect(await runCli(["data", "convert", DATASET, "--out", out])).toBe(0);
  expect(output.stdout).toContain(`0 episodes added`);
  expect(JSON.parse(readFileSync(join(out, "meta/info.json"), "utf8"))).toMatchObject({
    codebase_version: "v3.0",
    total_episodes: first.nAdded,
  });
  expect(readdirSync(DATASET, { recursive: true })).toEqual(before);
});

test("pull lists the known datasets, and refuses an unknown one with a hint", async () => {
  expect(await runCli(["data", "pull"])).toBe(0);
  expect(output.stdout).toContain("gs://gresearch/robotics/fractal20220817_data/0.1.0");
  expect(await runCli(["data", "pull", "brige"])).toBe(1);
  expect(output.stderr).toContain('Did you mean "bridge"?');
});

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeCocoRle, maskIou, openAnnotations, type BinaryMask } from "@pixelvla/data";
import { readStatus } from "@pixelvla/jobs";
import { afterAll, expect, test } from "vitest";
import type { Funnel } from "../../src/index.ts";
import { calls, colourRecipe } from "./colour-models.ts";
import { CLOSE, FRAMES, HEIGHT, paintedDataset, placesAt, WIDTH, type Variant } from "./painted-dataset.ts";
import { annotatedEpisodes, runJob } from "./run-job.ts";

const folder = mkdtempSync(join(tmpdir(), "pixelvla-pipeline-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function blockMask(seed: number, t: number): BinaryMask {
  const data = new Uint8Array(WIDTH * HEIGHT);
  const { x, y } = placesAt(seed, t).object;
  for (let dy = 0; dy < 12; dy++) data.fill(1, (y + dy) * WIDTH + x, (y + dy) * WIDTH + x + 12);
  return { widthPx: WIDTH, heightPx: HEIGHT, data };
}

test("every frame of a plain episode gets the block's exact mask, its region, prompts inside and a low doubt", async () => {
  const outcome = await runJob(join(folder, "plain"), paintedDataset(6));
  expect(outcome.funnel).toMatchObject({ nIn: 6, nKept: 6, dropped: [] });
  const reader = await openAnnotations(outcome.sidecar!);
  for (let seed = 0; seed < 6; seed++) {
    const { annotations, rawFrameIndex } = (await reader.episode(seed))!;
    expect([...rawFrameIndex]).toEqual(Array.from({ length: FRAMES }, (_, t) => t + 1));
    for (const [t, annotation] of annotations.entries()) {
      const { mask, points, lines, box, region, gripperBox, quality, origin } = annotation!;
      const truth = blockMask(seed, t);
      expect(maskIou(decodeCocoRle(mask!, "test"), truth)).toBe(1);
      expect(points).toHaveLength(3);
      for (const { x, y } of points) expect(truth.data[y * WIDTH + x]).toBe(1);
      expect(lines).toHaveLength(1);
      const { object, gripper } = placesAt(seed, t);
      expect(box).toEqual({ x0: object.x, y0: object.y, x1: object.x + 12, y1: object.y + 12 });
      const atClose = placesAt(seed, CLOSE).gripper;
      expect(gripperBox).toMatchObject({ x0: atClose.x, y0: atClose.y });
      expect(region!.x0).toBeLessThan(gripper.x);
      expect(origin).toBe(t === 0 ? "detected" : "tracked");
      expect(quality).toMatchObject({ agreement: 1, fragmentation: 0, gripperDistance: 0, phraseMatch: 1 });
      expect(quality.doubt).toBeLessThan(0.3);
    }
  }
  await reader.close();
});

test("every way to fail is counted under its own cause and named with an example", async () => {
  const variants: Variant[] = [
    "plain", "never-closes", "no-signal", "one-frame", "no-instruction", "out-of-view", "damaged", "speck", "plain",
  ]; // prettier-ignore
  const dir = join(folder, "causes");
  const { funnel, sidecar } = await runJob(
    dir,
    paintedDataset(variants.length, (i) => variants[i]!),
  );
  expect(
    Object.fromEntries(funnel.dropped.map(({ cause, examples }) => [cause, examples.map((e) => e.episodeIndex)])),
  ).toEqual({
    damaged: [6],
    "no-gripper-signal": [2],
    "never-closes": [1, 3],
    "no-instruction": [4],
    "not-found": [5],
    "mask-size": [7],
  });
  expect([funnel.nIn, funnel.nDropped, funnel.nKept]).toEqual([9, 7, 2]);
  expect(await annotatedEpisodes(sidecar!)).toEqual([0, 8]);
  for (const name of ["funnel.json", "funnel.txt", "funnel.html", "contact-sheet.jpg", "timing.json"])
    expect(existsSync(join(dir, "results", name))).toBe(true);
  const page = readFileSync(join(dir, "results", "funnel.html"), "utf8");
  expect(page).toContain("never-closes");
  expect(page).toContain("data:image/jpeg;base64,");
  expect(page).not.toMatch(/(src|href)="(?!data:)/);
  expect(readFileSync(join(dir, "results", "funnel.txt"), "utf8")).toContain("a bad checksum");
});

const reasoner = (options: object) => ({
  roles: { ...(colourRecipe()["roles"] as object), targetReasoner: { name: "scripted", options } },
});

test.each([
  ["no-target", reasoner({})],
  ["target-unfounded", reasoner({ target: "purple unicorn" })],
  ["target-unsure", reasoner({ target: "red block", confidence: 0.1 })],
  [
    "empty-mask",
    { roles: { ...(colourRecipe()["roles"] as object), segmenter: { name: "colour", options: { isEmpty: true } } } },
  ],
  ["low-confidence", { segmentation: { minScore: 0.95 } }],
  ["gripper-not-found", { region: { minGripperScore: 0.99, reelEpisodes: 4 } }],
  ["track-lost", { propagation: { lostBelow: 0.99, maxRedetections: 0 } }],
])("%s is a cause of its own", async (cause, changes) => {
  const { funnel } = await runJob(join(folder, cause), paintedDataset(3), { recipe: colourRecipe(changes) });
  expect(funnel.dropped.map((step) => [step.cause, step.nDropped])).toEqual([[cause, 3]]);
});

test("a language model that nobody answers for is counted and named, episode by episode", async () => {
  const options = { baseUrl: "http://127.0.0.1:9/v1", model: "none", retries: 0, timeoutS: 5 };
  const roles = { ...(colourRecipe()["roles"] as object), targetReasoner: { name: "openai-compatible", options } };
  const recipe = colourRecipe({ roles });
  const { funnel } = await runJob(join(folder, "unreachable"), paintedDataset(3), { recipe });
  expect(funnel.dropped).toMatchObject([{ cause: "reasoner-unreachable", nDropped: 3 }]);
  expect(funnel.dropped[0]!.examples[0]!.detail).toContain("http://127.0.0.1:9/v1");
});

test("an object hidden for some frames is found again after them, and the hidden frames have no mask", async () => {
  const { funnel, sidecar } = await runJob(
    join(folder, "hidden"),
    paintedDataset(1, () => "occluded"),
    {
      recipe: colourRecipe({ propagation: { redetectEvery: 1 }, detection: { frames: ["first"] } }),
    },
  );
  expect(funnel.kept).toMatchObject({ nRedetections: 1, nFramesWithMask: FRAMES - 3 });
  const reader = await openAnnotations(sidecar!);
  const { annotations } = (await reader.episode(0))!;
  expect(annotations.map((a) => [a!.origin, a!.mask !== undefined])).toEqual([
    ["detected", true],
    ...Array.from({ length: 7 }, () => ["tracked", true]),
    ...Array.from({ length: 3 }, () => ["tracked", false]),
    ["redetected", true],
  ]);
  await reader.close();
});

test("a tracker of boxes gets its masks from the segmenter, and each frame is encoded once", async () => {
  calls.encode.clear();
  const roles = { ...(colourRecipe()["roles"] as object), tracker: { name: "colour", options: { givesMasks: false } } };
  const { sidecar } = await runJob(join(folder, "boxes"), paintedDataset(1), { recipe: colourRecipe({ roles }) });
  const reader = await openAnnotations(sidecar!);
  const { annotations } = (await reader.episode(0))!;
  for (const [t, a] of annotations.entries()) expect(maskIou(decodeCocoRle(a!.mask!, "test"), blockMask(0, t))).toBe(1);
  await reader.close();
  expect([calls.encode.size, Math.max(...calls.encode.values())]).toEqual([FRAMES, 1]);
});

test("a box that goes on over what covers the object gives no mask of that", async () => {
  const tracker = { name: "colour", options: { givesMasks: false, insists: true } };
  const roles = { ...(colourRecipe()["roles"] as object), tracker };
  const masksOf = async (dir: string, minLikeness: number) => {
    const recipe = colourRecipe({
      roles,
      propagation: { minLikeness, maxRedetections: 0 },
      detection: { frames: ["first"] },
    });
    const { sidecar } = await runJob(
      join(folder, dir),
      paintedDataset(1, () => "covered"),
      { recipe },
    );
    const reader = await openAnnotations(sidecar!);
    const { annotations } = (await reader.episode(0))!;
    await reader.close();
    return annotations.flatMap((annotation, t) => (annotation!.mask === undefined ? [] : [t]));
  };
  const all = Array.from({ length: FRAMES }, (_, t) => t);
  expect(await masksOf("covered", 0.5)).toEqual(all.filter((t) => t < 8 || t === 11));
  expect(await masksOf("covered-unchecked", 0)).toEqual(all); // it is the likeness that tells
});

test("a second segmenter that disagrees raises the doubt and is named as the reason", async () => {
  const roles = {
    ...(colourRecipe()["roles"] as object),
    agreementSegmenter: { name: "colour", options: { shrink: 6 } },
  };
  const { sidecar } = await runJob(join(folder, "agreement"), paintedDataset(1), { recipe: colourRecipe({ roles }) });
  const reader = await openAnnotations(sidecar!);
  const row = (await reader.index.episode(0))!;
  expect(row.doubtReason).toContain("two masks of it agree by only 50 %");
  expect(row.doubt).toBeGreaterThan(0.5);
  await reader.close();
});

test("a person's box and close frame serve data without detector and gripper signal", async () => {
  const roles = {
    ...(colourRecipe()["roles"] as object),
    gripperDetector: { name: "tracked", options: { tracker: { name: "colour" } } },
  };
  const { x, y } = placesAt(1, CLOSE).gripper;
  const seeds = [
    { episode: 1, close: CLOSE + 1, gripper: [x, y, x + 10, y + 10] },
    { episode: 0, close: CLOSE + 1 },
  ];
  const { funnel } = await runJob(
    join(folder, "seeded"),
    paintedDataset(3, () => "no-signal"),
    {
      recipe: colourRecipe({ roles, seeds }),
    },
  );
  expect(funnel).toMatchObject({ nKept: 2, dropped: [{ cause: "no-gripper-signal", nDropped: 1 }] });
});

test("without a region the whole frame is searched: stills and one-frame episodes are annotated", async () => {
  const recipe = colourRecipe({ region: { mode: "full" } });
  const { funnel } = await runJob(
    join(folder, "stills"),
    paintedDataset(2, () => "one-frame"),
    { recipe },
  );
  expect(funnel).toMatchObject({ nKept: 2, kept: { nFrames: 2, nFramesWithMask: 2 } });
});

test("a model that breaks down once costs one episode; one that stays broken ends the job, which then goes on", async () => {
  const broken = (failOn: number[]) => {
    const roles = colourRecipe()["roles"] as Record<string, unknown>;
    return colourRecipe({
      roles: { ...roles, objectDetector: { name: "colour", options: { score: 0.81, failOn } } },
      limits: { failuresInARow: 3, episodesAtOnce: 1 },
    });
  };
  const once = await runJob(join(folder, "once"), paintedDataset(4), { recipe: broken([0]) });
  expect(once.funnel.dropped).toMatchObject([{ cause: "model-failed", nDropped: 1 }]);
  expect(once.funnel.dropped[0]!.examples[0]!.detail).toContain("the detector broke down");

  const dir = join(folder, "always");
  const always = broken(Array.from({ length: 99 }, (_, i) => i + 6)); // two episodes of three frames each go well
  await expect(runJob(dir, paintedDataset(9), { recipe: always })).rejects.toMatchObject({
    code: "PVLA_ANNOTATE_FAILING",
  });
  expect(await readStatus(dir)).toMatchObject({ state: "failed", error: { code: "PVLA_ANNOTATE_FAILING" } });
  const funnel = JSON.parse(readFileSync(join(dir, "results", "funnel.json"), "utf8")) as Funnel;
  expect(funnel).toMatchObject({ nIn: 2, nKept: 2, failure: { code: "PVLA_ANNOTATE_FAILING" } });
});

test("a role that names no plugin, or whose model does not open, fails the job before any episode and says so", async () => {
  const roles = { ...(colourRecipe()["roles"] as object), segmenter: { name: "color" } };
  await expect(
    runJob(join(folder, "unknown"), paintedDataset(1), { recipe: colourRecipe({ roles }) }),
  ).rejects.toMatchObject({
    code: "PVLA_UNKNOWN_PLUGIN",
    message: expect.stringContaining('Did you mean "colour"') as string,
  });
  expect(readFileSync(join(folder, "unknown", "results", "funnel.txt"), "utf8")).toContain("PVLA_UNKNOWN_PLUGIN");
});

import { exportAnnotations, openAnnotations } from "@pixelvla/data";
import type { GoldEvent, GoldReport, GoldRequest, JobView } from "@pixelvla/studio-contract";
import { expect, test } from "vitest";
import { basename, join } from "node:path";
import { writeFileSync, mkdirSync } from "node:fs";
import { connect, startHost } from "../studio.ts";
import { EPISODES, FRAMES, paintedWorkspace } from "./painted.ts";
import { PATIENCE } from "../patience.ts";

const shiftIou = (episode: number) => (22 - 4 * episode) / (22 + 4 * episode);
const meanOfAll = Array.from({ length: EPISODES }, (_, e) => shiftIou(e)).reduce((sum, iou) => sum + iou, 0) / EPISODES;

async function open() {
  const { workspace, dataset } = await paintedWorkspace();
  const client = connect(await startHost(workspace));
  const stores = await client.annotate.stores.query();
  const [job, own] = (["job", "dataset"] as const).map((of) => stores.find(({ kind }) => kind === of)!.storeId);
  const score = (gold: GoldRequest["gold"]) =>
    new Promise<GoldReport>((resolve, reject) => {
      client.annotate.score.subscribe(
        { storeId: job!, gold },
        {
          onData: (event: GoldEvent) => event.kind === "report" && resolve(event.report),
          onError: reject,
        },
      );
    });
  return { workspace, dataset, client, job: job!, own: own!, score };
}

test("masks are measured against the dataset's own, and doubt by how well it tells the bad ones", async () => {
  const { score, own } = await open();
  const report = await score({ kind: "store", storeId: own });
  expect(report).toMatchObject({ nEpisodes: EPISODES, nFrames: EPISODES * FRAMES, precision: 1, recall: 1 });
  expect(report.meanIou).toBeCloseTo(meanOfAll, 10);
  expect(report.medianIou).toBeCloseTo(shiftIou(2), 10);
  expect(report.share50).toBeCloseTo(2 / 5, 10); // 1, 18/26, 14/30, 10/34, 6/38
  expect(report.share75).toBeCloseTo(1 / 5, 10);
  expect(report.doubtAuroc).toBe(1);
  expect(report.episodes.map(({ episodeIndex }) => episodeIndex)).toEqual([4, 3, 2, 1, 0]);
});

test("a gold set of another tool is imported, and measured where it says something", async () => {
  const { workspace, dataset, score } = await open();
  const annotations = await openAnnotations(dataset);
  const { files } = await exportAnnotations(annotations, {
    format: "coco",
    out: join(workspace, "gold"),
    episodes: [1, 3],
  });
  await annotations.close();
  const report = await score({ kind: "file", format: "coco", path: `gold/${basename(files[0]!)}` });
  expect([report.nEpisodes, report.nFrames]).toEqual([2, 2 * FRAMES]);
  expect(report.meanIou).toBeCloseTo((shiftIou(1) + shiftIou(3)) / 2, 10);
  await expect(score({ kind: "file", format: "coco", path: "../gold.json" })).rejects.toMatchObject({
    data: { studio: { code: "PVLA_STUDIO_OUTSIDE" } },
  });
});

test("a job is watched as its journal grows: what was kept, what was dropped and why", async () => {
  const { workspace, client, job } = await open();
  const work = join(workspace, "runs", "annotate", "work", "annotate-1");
  mkdirSync(join(work, "previews"), { recursive: true });
  const kept = (position: number) =>
    `${JSON.stringify({ position, episodeIndex: position, split: "train", task: "pick", nFrames: 8, nWithMask: 6, score: 0.5, doubt: 0.25 })}\t{}\n`;
  const dropped = JSON.stringify({
    position: 1,
    episodeIndex: 1,
    split: "train",
    task: "pick",
    cause: "not-found",
    detail: "no block",
  });
  writeFileSync(join(work, "episodes.jsonl"), `${kept(0)}${dropped}\t\n{"position":2,`);
  writeFileSync(
    join(work, "previews", "00000000.json"),
    JSON.stringify({ episodeIndex: 0, task: "pick", caption: "red block" }),
  );
  const views: JobView[] = [];
  const subscription = client.annotate.job.subscribe({ storeId: job }, { onData: (view: JobView) => views.push(view) });
  await expect.poll(() => views.length, PATIENCE).toBe(1);
  expect(views[0]!.funnel).toMatchObject({
    nIn: 2,
    nKept: 1,
    nFrames: 8,
    nFramesWithMask: 6,
    meanScore: 0.5,
    meanDoubt: 0.25,
  });
  expect(views[0]!.funnel.dropped).toMatchObject([
    { cause: "not-found", nDropped: 1, nLeft: 1, examples: [{ episodeIndex: 1, detail: "no block" }] },
  ]);
  expect(views[0]!.previews).toEqual([
    { episodeIndex: 0, task: "pick", caption: "red block", path: "work/annotate-1/previews/00000000.jpg" },
  ]);
  writeFileSync(join(work, "episodes.jsonl"), `${kept(0)}${dropped}\t\n${kept(2)}`);
  await expect.poll(() => views.at(-1)!.funnel.nKept, PATIENCE).toBe(2);
  subscription.unsubscribe();
});

test("annotation recipes are checked, and a job is refused that could not run", async () => {
  const { client } = await open();
  const { datasetId } = (await client.datasets.list.query())[0]!;
  await expect(client.annotate.launch.mutate({ recipe: "annotate-embedded", datasetId })).rejects.toMatchObject({
    data: { studio: { code: "PVLA_STUDIO_LAUNCH" } },
  });
});

import { frameUrl, thumbnailUrl } from "@pixelvla/studio-contract/urls";
import type { StatisticsEvent } from "@pixelvla/studio-contract";
import sharp from "sharp";
import { expect, test } from "vitest";
import { bridgeDebug, bridgeWorkspace, connect, get, startHost } from "./studio.ts";

const onBridge = test.skipIf(bridgeDebug === undefined);

onBridge("real bridge episodes are listed, found by their words, sorted and counted", async () => {
  const client = connect(await startHost(bridgeWorkspace()));
  const [item] = await client.datasets.list.query();
  expect(item?.nEpisodes).toBeUndefined();
  expect(item).toMatchObject({ name: "bridge", path: "datasets/bridge" });
  const { datasetId } = item!;
  const dataset = await client.datasets.get.query({ datasetId });
  expect(dataset).toMatchObject({
    format: "rlds",
    nEpisodes: 50,
    splits: ["train", "val"],
    standardisation: "bridge",
    damage: [],
  });

  const all = await client.datasets.episodes.query({ datasetId, limit: 500 });
  expect(all).toMatchObject({ nMatched: 50, nTotal: 50, isComplete: true });
  const { task } = all.rows.find((row) => row.task !== "")!;
  const found = await client.datasets.episodes.query({ datasetId, filter: { search: task.toUpperCase() } });
  expect(found.rows.map((row) => row.task)).toContain(task);
  expect(found.nMatched).toBeLessThan(50);

  const facets = await client.datasets.facets.query({ datasetId });
  expect(facets.splits).toEqual([
    { value: "train", n: 25 },
    { value: "val", n: 25 },
  ]);
  expect(facets.lengths.counts.reduce((a, b) => a + b)).toBe(50);

  const sorted = await client.datasets.episodes.query({
    datasetId,
    sort: { by: "task", direction: "descending" },
    limit: 500,
  });
  const tasks = sorted.rows.map((row) => row.task);
  expect(tasks).toEqual(
    tasks.toSorted(new Intl.Collator("en", { numeric: true, sensitivity: "base" }).compare).reverse(),
  );
});

onBridge("an episode's arrays and its pictures belong to the same frames", async () => {
  const host = await startHost(bridgeWorkspace());
  const client = connect(host);
  const { datasetId } = (await client.datasets.list.query())[0]!;
  const { revision, primaryCamera } = await client.datasets.get.query({ datasetId });
  const episode = await client.datasets.episode.query({ datasetId, episodeIndex: 3 });
  expect(episode.actionNames).toHaveLength(7);
  expect(episode.action).toHaveLength(episode.nFrames * 7);
  expect(episode.effector.source).toBe("state");
  expect(episode.effector.position.slice(0, 3)).toEqual(episode.state.slice(0, 3));
  expect(episode).toMatchObject({ previous: 2, next: 4 });

  const address = { datasetId, revision, episodeIndex: 3, frameIndex: 2, camera: primaryCamera! };
  const picture = await get(host, frameUrl(address));
  expect(picture.headers.get("cache-control")).toContain("immutable");
  const bytes = Buffer.from(await picture.arrayBuffer());
  expect(await sharp(bytes).metadata()).toMatchObject({ width: 64, height: 64 });
  const thumbnail = await get(host, thumbnailUrl(address, 96));
  expect(await sharp(Buffer.from(await thumbnail.arrayBuffer())).metadata()).toMatchObject({
    width: 96,
    format: "webp",
  });
  const again = await get(host, frameUrl(address), { "If-None-Match": picture.headers.get("etag")! });
  expect(again.status).toBe(304);
  for (const wrong of [{ frameIndex: 999 }, { episodeIndex: 999 }, { camera: "no-such" }])
    expect((await get(host, frameUrl({ ...address, ...wrong }))).status).toBe(404);
});

onBridge("statistics come with progress and describe every action dimension", async () => {
  const client = connect(await startHost(bridgeWorkspace()));
  const { datasetId } = (await client.datasets.list.query())[0]!;
  const events: StatisticsEvent[] = [];
  await new Promise<void>((resolve, reject) => {
    client.datasets.statistics.subscribe(
      { datasetId },
      { onData: (event) => events.push(event), onComplete: resolve, onError: reject },
    );
  });
  const last = events.at(-1)!;
  if (last.kind !== "result") throw new Error("no result");
  expect(last.statistics).toMatchObject({ nEpisodes: 50, nEpisodesRead: 50 });
  for (const { q01, q99, min, max, histogram } of last.statistics.actions) {
    expect(min).toBeLessThanOrEqual(q01);
    expect(q99).toBeLessThanOrEqual(max);
    expect(histogram.counts.reduce((a, b) => a + b)).toBe(last.statistics.nFramesRead);
  }
});

/**
 * The review room's times: `node --conditions=@pixelvla/source --import tsx perf/review-times.ts WORKSPACE [EPISODES]`.
 * WORKSPACE holds a recorded and annotated dataset (`pixelvla bench record`, `pixelvla annotate`); a second store of EPISODES episodes (160,000) is
 * made beside it for the queue. One figure a line: median and worst of the repetitions.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { frameAnnotation, openAnnotations, SidecarWriter } from "@pixelvla/data";
import type { StudioRouter } from "@pixelvla/studio-contract";
import { createTRPCClient, createWSClient, wsLink } from "@trpc/client";
import { WebSocket } from "ws";
import { startStudioHost } from "../src/index.ts";

const [workspace = "", episodes = "160000"] = process.argv.slice(2);
const CLICKS = 12;

function tell(what: string, values: readonly number[]): void {
  const sorted = [...values].sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1] ?? NaN;
  console.log(
    `${what}: median ${median.toFixed(1)} ms, worst ${(sorted.at(-1) ?? NaN).toFixed(1)} ms, n ${sorted.length}`,
  );
}

async function timed<T>(task: () => Promise<T>): Promise<{ ms: number; value: T }> {
  const startedMs = performance.now();
  const value = await task();
  return { ms: performance.now() - startedMs, value };
}

const host = await startStudioHost({ workspace });
const socket = createWSClient({ url: host.rpcUrl, WebSocket: WebSocket as never });
const client = createTRPCClient<StudioRouter>({ links: [wsLink({ client: socket })] });
const store = (await client.annotate.stores.query()).find(({ kind }) => kind === "job");
if (store === undefined) throw new Error(`${workspace} holds no annotation job`);
const { storeId } = store;
const { rows } = await client.annotate.queue.query({ storeId });

const items: number[] = [];
const decisions: number[] = [];
for (const { episodeIndex } of rows) {
  items.push((await timed(() => client.annotate.item.query({ storeId, episodeIndex }))).ms);
  const note = `perf ${Date.now()}`;
  const decide = () =>
    client.annotate.decide.mutate({ storeId, episodeIndex, decision: "accepted", author: "perf", note });
  const { ms, value } = await timed(decide);
  decisions.push(ms);
  await client.annotate.undo.mutate({ storeId, episodeIndex, author: "perf", reviewId: value.row.reviewId! });
}
tell("item, with every frame's mask", items);
tell("decision, written and synced", decisions);

const [encodes, firsts, boxes, answers]: number[][] = [[], [], [], []];
for (const { episodeIndex } of rows.slice(0, CLICKS)) {
  const item = await client.annotate.item.query({ storeId, episodeIndex });
  const frame = item.frames.find(({ mask, box }) => mask !== undefined && box !== undefined);
  if (frame?.box === undefined) continue;
  const [x0, y0, x1, y1] = frame.box as [number, number, number, number];
  const where = { storeId, episodeIndex, frameIndex: frame.frameIndex };
  const point = { x: Math.round((x0 + x1) / 2), y: Math.round((y0 + y1) / 2), isObject: true };
  const first = await client.annotate.segment.query({ ...where, points: [point] });
  encodes!.push(first.encodeMs);
  const again = await timed(() => client.annotate.segment.query({ ...where, points: [point] }));
  firsts!.push(again.value.decodeMs);
  answers!.push(again.ms);
  boxes!.push((await client.annotate.segment.query({ ...where, box: { x0, y0, x1, y1 } })).decodeMs);
}
encodes!.shift(); // the first one opens the models
tell("segmenter: picture, once a frame", encodes!);
tell("segmenter: point", firsts!);
tell("segmenter: box", boxes!);
tell("click to answer, over the websocket", answers!);

const folder = mkdtempSync(join(tmpdir(), "pixelvla-review-perf-"));
try {
  const n = Number(episodes);
  const about = { name: "many", format: "made", version: "1", nEpisodes: n };
  const writer = await SidecarWriter.open(folder, about, { commitEpisodes: 20_000 });
  const given = { camera: "front", phrase: "mug", model: "made", modelVersion: "1" };
  for (let e = 0; e < n; e++)
    await writer.add({
      episodeIndex: e,
      split: "train",
      task: `pick up the mug of table ${e % 997}`,
      rawFrameIndex: Int32Array.of(0),
      annotations: [frameAnnotation({ ...given, score: ((e * 7919) % 1000) / 1000 })],
      run: "made",
      doubt: ((e * 104_729) % 1000) / 1000,
      doubtReason: "made for measuring",
    });
  await writer.close();
  const opened = await timed(async () => {
    const reader = await openAnnotations(folder);
    const page = await reader.index.episodes({ sort: "doubt", pageSize: 100 });
    return { reader, page };
  });
  console.log(`queue of ${opened.value.page.total} episodes, opened and first page: ${opened.ms.toFixed(0)} ms`);
  const pages: number[] = [];
  for (let page = 0; page < 1600; page += 200)
    pages.push((await timed(() => opened.value.reader.index.episodes({ sort: "doubt", page, pageSize: 100 }))).ms);
  tell("another page of it", pages);
  await opened.value.reader.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
await socket.close();
await host.close();

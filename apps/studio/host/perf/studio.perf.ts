import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import type { StudioRouter } from "@pixelvla/studio-contract";
import { frameUrl, thumbnailUrl } from "@pixelvla/studio-contract/urls";
import { createTRPCClient, createWSClient, wsLink, type TRPCClient } from "@trpc/client";
import { WebSocket } from "ws";
import { startStudioHost, type StudioHost } from "../src/index.ts";
import { makeDataset } from "./make-dataset.ts";
import { makeRuns } from "./make-runs.ts";

const CACHE = fileURLToPath(new URL("../.cache/perf", import.meta.url));
/** What the made runs differ from. */
const RECIPES = fileURLToPath(new URL("../../../../recipes", import.meta.url));
const N_EPISODES = 100_000;
const N_RUNS = 1000;
const N_POINTS = 10_000;
/** What the made runs have recorded. */
const METRICS = ["loss", "learningRate", "gradNorm", "samplesPerS"];

interface Studio {
  readonly host: StudioHost;
  readonly client: TRPCClient<StudioRouter>;
  close(): Promise<void>;
}

/** A host on a workspace with the synthetic dataset and runs, and a client as the page has it. */
async function openStudio({ needsDataset, needsRuns }: { needsDataset: boolean; needsRuns: boolean }): Promise<Studio> {
  const workspace = process.env["PIXELVLA_PERF_STUDIO"] ?? join(CACHE, "workspace");
  for (const folder of ["datasets", "recipes"]) mkdirSync(join(workspace, folder), { recursive: true });
  if (needsDataset) await makeDataset(join(workspace, "datasets", "many"), N_EPISODES);
  if (needsRuns) makeRuns(join(workspace, "runs"), N_RUNS, N_POINTS);
  const host = await startStudioHost({ workspace, recipesDir: RECIPES });
  const socket = createWSClient({ url: host.rpcUrl, WebSocket: WebSocket as never });
  const client = createTRPCClient<StudioRouter>({ links: [wsLink({ client: socket })] });
  return {
    host,
    client,
    close: async () => {
      await socket.close();
      await host.close();
    },
  };
}

async function listedDataset({ client }: Studio) {
  const { datasetId } = (await client.datasets.list.query()).find(({ name }) => name === "many")!;
  const begun = performance.now();
  while (!(await client.datasets.episodes.query({ datasetId, limit: 1 })).isComplete)
    await new Promise((again) => setTimeout(again, 200));
  const listedS = (performance.now() - begun) / 1000;
  const { revision, primaryCamera } = await client.datasets.get.query({ datasetId });
  return { datasetId, revision, camera: primaryCamera ?? "", listedS };
}

/** One page of the grid out of 100,000 episodes: a search, a sort and a page, then the counts. */
async function gridCase() {
  const studio = await openStudio({ needsDataset: true, needsRuns: false });
  const { datasetId, listedS } = await listedDataset(studio);
  const page = await studio.client.datasets.episodes.query({ datasetId, filter: { search: "red cup" } });
  if (page.nTotal !== N_EPISODES || page.nMatched === 0)
    throw new Error(`found ${page.nMatched} of ${page.nTotal} episodes`);
  let offset = 0;
  return {
    run: async () => {
      offset = (offset + 97) % 1000;
      await studio.client.datasets.episodes.query({
        datasetId,
        filter: { search: "the red" },
        sort: { by: "nFrames", direction: "descending" },
        offset,
      });
      await studio.client.datasets.facets.query({ datasetId, filter: { search: "the red" } });
    },
    facts: { listedS, nMatched: page.nMatched },
    close: studio.close,
  };
}

/** Frames of episodes nobody has opened before: the bytes of one frame after another, as a scrub asks for them. */
async function pictureCase(kind: "frame" | "thumbnail") {
  const studio = await openStudio({ needsDataset: true, needsRuns: false });
  const { camera, ...place } = await listedDataset(studio);
  const waits: number[] = [];
  let asked = 0;
  return {
    run: async () => {
      const episodeIndex = (Math.floor(asked / 8) * 7919) % N_EPISODES;
      const address = { ...place, camera, episodeIndex, frameIndex: asked++ % 6 };
      const path = kind === "frame" ? frameUrl(address) : thumbnailUrl(address, 192);
      const begun = performance.now();
      const answer = await fetch(studio.host.origin + path, {
        headers: { Authorization: `Bearer ${studio.host.token}` },
      });
      if (!answer.ok || (await answer.arrayBuffer()).byteLength < 300) throw new Error(`no picture: ${answer.status}`);
      waits.push(performance.now() - begun);
    },
    work: { amount: 1, unit: kind },
    facts: () => ({
      p95Ms: waits.toSorted((a, b) => a - b)[Math.floor(waits.length * 0.95)],
      rssMb: process.memoryUsage().rss / 2 ** 20,
    }),
    close: studio.close,
  };
}

/** 1,000 runs of 10,000 points: the table's rows, then bands of all four metrics by learning rate. */
async function runsCase(isCold: boolean) {
  const studio = await openStudio({ needsDataset: false, needsRuns: true });
  const rows = async (client: Studio["client"]) => (await client.runs.list.query({ limit: 1000 })).rows;
  const bands = (client: Studio["client"], runIds: string[]) =>
    client.runs.bands.query({
      runIds,
      keys: METRICS,
      groupBy: "recipe.training.optimizer.learningRate",
      smoothing: 0.9,
    });
  const charts = await bands(
    studio.client,
    (await rows(studio.client)).map(({ runId }) => runId),
  );
  for (const { bands: groups } of charts)
    if (groups.length !== 4 || groups.some(({ nRuns }) => nRuns !== N_RUNS / 4)) throw new Error("the bands are wrong");
  return {
    run: async () => {
      const own = isCold ? await openStudio({ needsDataset: false, needsRuns: false }) : studio;
      await bands(
        own.client,
        (await rows(own.client)).map(({ runId }) => runId),
      );
      if (isCold) await own.close();
    },
    work: { amount: METRICS.length * N_RUNS * N_POINTS, unit: "point" },
    close: studio.close,
  };
}

export const perf = {
  name: "studio",
  title: "Studio's host: 100,000 episodes and 1,000 runs of 10,000 points",
  rounds: 5,
  warmup: 1,
  cases: [
    { name: "grid-page", params: { what: "grid" } },
    { name: "frame", params: { what: "frame" } },
    { name: "thumbnail", params: { what: "thumbnail" } },
    { name: "runs-first", params: { what: "runs-first" } },
    { name: "runs-again", params: { what: "runs-again" } },
  ],
  goals: [
    { case: "grid-page", maxMs: 100 },
    { case: "frame", maxMs: 60 },
    { case: "runs-first", maxMs: 2000 },
    { case: "runs-again", maxMs: 2000 },
  ],
  ours({ what }: { what: "grid" | "frame" | "thumbnail" | "runs-first" | "runs-again" }) {
    if (what === "grid") return gridCase();
    if (what === "runs-first" || what === "runs-again") return runsCase(what === "runs-first");
    return pictureCase(what);
  },
};

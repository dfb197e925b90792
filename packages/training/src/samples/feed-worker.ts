// Worker thread: reads the dataset and prepares batches. See DataFeed.
import { parentPort } from "node:worker_threads";
import { PixelVlaError, type HostArray, type Recipe } from "@pixelvla/core";
import { CachedBatches } from "../prefix-cache/cached-batches.ts";
import { builtinRegistry } from "../recipe/registry.ts";
import { recipeText, type RecipeText } from "../recipe/tokenizer.ts";
import { assembleBatch, type BatchSpec } from "./batch.ts";
import type { FeedInfo, FeedReply, FeedRequest, PreparedBatch } from "./feed-protocol.ts";
import { SampleStore, type Sample, type SampleStoreOptions } from "./sample-store.ts";
import { Sampler, type SampleRef } from "./sampler.ts";

let store: SampleStore | undefined;
let sampler: Sampler | undefined;
let text: RecipeText | undefined;
let spec: BatchSpec | undefined;
let cached: CachedBatches | undefined;

async function open(options: SampleStoreOptions, recipe: Recipe, seed: number): Promise<FeedInfo> {
  text = recipeText(recipe, builtinRegistry());
  store = await SampleStore.open(options, store);
  sampler = new Sampler(store.frames, { seed, ...options.data });
  const { info, damage } = store.dataset;
  return {
    dataset: info.name,
    version: info.version,
    fingerprint: store.fingerprint,
    camera: store.camera,
    nEpisodes: store.frames.length,
    nFrames: store.frames.reduce((sum, n) => sum + n, 0),
    nSamples: sampler.nSamples,
    statistics: store.statistics,
    baselineL1: store.baseline.l1,
    damage: damage.map(({ message }) => message),
  };
}

const refsOf = (firstVisit: number, count: number): SampleRef[] =>
  Array.from({ length: count }, (_, i) => sampler!.at(firstVisit + i));

const samplesOf = (firstVisit: number, count: number, image = true): Promise<Sample[]> =>
  Promise.all(
    refsOf(firstVisit, count).map(({ episode, frameIndex }) => store!.sample(episode, frameIndex, { image })),
  );

const buffersIn = (feeds: Readonly<Record<string, HostArray>>) =>
  Object.values(feeds).map(({ buffer }) => buffer as ArrayBuffer);

async function answer(request: FeedRequest): Promise<{ value: unknown; transfer?: ArrayBuffer[] }> {
  switch (request.type) {
    case "open":
      return { value: await open(request.options, request.recipe, request.seed) };
    case "spec":
      spec = request.spec;
      cached?.close();
      cached = request.cache === undefined ? undefined : new CachedBatches(request.cache, store!);
      return { value: undefined };
    case "batch": {
      if (cached !== undefined) {
        const refs = refsOf(request.firstVisit, request.count);
        const batch = await cached.batch(refs, request.firstVisit, spec!, text!);
        return { value: batch, transfer: [...buffersIn(batch.feeds), ...buffersIn(batch.missing?.feeds ?? {})] };
      }
      const samples = await samplesOf(request.firstVisit, request.count);
      const feeds = assembleBatch(
        samples,
        samples.map((_, i) => request.firstVisit + i),
        spec!,
        text!,
      );
      return { value: { feeds } satisfies PreparedBatch, transfer: buffersIn(feeds) };
    }
    case "keep":
      cached?.keep(request.keys, request.rows);
      return { value: undefined };
    case "describe": {
      const samples = await samplesOf(request.firstVisit, request.count, false);
      return {
        value: samples.map(({ episodeIndex, frameIndex, instruction }) => ({ episodeIndex, frameIndex, instruction })),
      };
    }
    case "close":
      cached?.close();
      cached = undefined;
      await store?.close(); // its pictures stay for the next feed
      return { value: undefined };
  }
}

parentPort!.on("message", (request: FeedRequest) => {
  answer(request).then(
    ({ value, transfer }) => {
      parentPort!.postMessage({ id: request.id, value } satisfies FeedReply, transfer ?? []);
    },
    (error: unknown) => {
      const known = error instanceof PixelVlaError;
      const message = error instanceof Error ? error.message : String(error);
      const facts = known ? (JSON.parse(JSON.stringify(error.facts)) as Record<string, unknown>) : {};
      parentPort!.postMessage({
        id: request.id,
        error: { code: known ? error.code : "PVLA_FEED", message, facts },
      } satisfies FeedReply);
    },
  );
});

// Worker thread: reads the dataset and prepares batches. See DataFeed.
import { parentPort } from "node:worker_threads";
import { PixelVlaError, type Recipe } from "@pixelvla/core";
import { builtinRegistry } from "../recipe/registry.ts";
import { recipeText, type RecipeText } from "../recipe/tokenizer.ts";
import { assembleBatch, type BatchSpec } from "./batch.ts";
import type { FeedInfo, FeedReply, FeedRequest } from "./feed-protocol.ts";
import { SampleStore, type Sample, type SampleStoreOptions } from "./sample-store.ts";
import { Sampler } from "./sampler.ts";

let store: SampleStore | undefined;
let sampler: Sampler | undefined;
let text: RecipeText | undefined;
let spec: BatchSpec | undefined;

async function open(options: SampleStoreOptions, recipe: Recipe, seed: number): Promise<FeedInfo> {
  text = recipeText(recipe, builtinRegistry());
  store = await SampleStore.open(options);
  sampler = new Sampler(store.frames, { seed, mixEpisodes: options.data.mixEpisodes });
  const { info, damage } = store.dataset;
  return {
    dataset: info.name,
    version: info.version,
    fingerprint: store.fingerprint,
    camera: store.camera,
    nEpisodes: store.frames.length,
    nSamples: sampler.nSamples,
    statistics: store.statistics,
    baselineL1: store.baseline.l1,
    damage: damage.map(({ message }) => message),
  };
}

async function samplesOf(firstVisit: number, count: number): Promise<Sample[]> {
  const refs = Array.from({ length: count }, (_, i) => sampler!.at(firstVisit + i));
  return Promise.all(refs.map(({ episode, frameIndex }) => store!.sample(episode, frameIndex)));
}

async function answer(request: FeedRequest): Promise<{ value: unknown; transfer?: ArrayBuffer[] }> {
  switch (request.type) {
    case "open":
      return { value: await open(request.options, request.recipe, request.seed) };
    case "spec":
      spec = request.spec;
      return { value: undefined };
    case "batch": {
      const samples = await samplesOf(request.firstVisit, request.count);
      const feeds = assembleBatch(
        samples,
        samples.map((_, i) => request.firstVisit + i),
        spec!,
        text!,
      );
      return { value: feeds, transfer: Object.values(feeds).map(({ buffer }) => buffer as ArrayBuffer) };
    }
    case "describe": {
      const samples = await samplesOf(request.firstVisit, request.count);
      return {
        value: samples.map(({ episodeIndex, frameIndex, instruction }) => ({ episodeIndex, frameIndex, instruction })),
      };
    }
    case "close":
      await store?.close();
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

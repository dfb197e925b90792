import { userInfo } from "node:os";
import type { AnnotateService, PropagateEvent, PropagateRequest, SegmentRequest } from "@pixelvla/studio-contract";
import type { DatasetCatalog } from "../datasets/catalog.ts";
import type { RunCatalog } from "../runs/catalog.ts";
import type { LaunchMeans } from "../runs/launcher.ts";
import type { Workspace } from "../workspace.ts";
import { notOfAJob } from "./errors.ts";
import { fixEpisode } from "./fix.ts";
import { scoreAgainstGold } from "./gold.ts";
import { reviewItem } from "./item.ts";
import { followJob } from "./job-view.ts";
import { AnnotateLauncher } from "./launch.ts";
import { modelsFor } from "./models.ts";
import { maskOf, promptOf } from "./prompt.ts";
import { reviewersReport } from "./reviewers.ts";
import type { FramePlace } from "./segment-messages.ts";
import { SegmentThread } from "./segment-thread.ts";
import type { AnnotationStore } from "./store.ts";
import { AnnotationStores } from "./stores.ts";

/** The Annotate room: its procedures and its end. */
export interface AnnotateRoom {
  readonly service: AnnotateService;
  close(): Promise<void>;
}

interface Parts {
  readonly workspace: Workspace;
  readonly datasets: DatasetCatalog;
  readonly runs: RunCatalog;
  readonly means: LaunchMeans;
}

/** Makes the Annotate room over the annotation jobs and annotated datasets of a workspace. */
export function createAnnotateRoom({ workspace, datasets, runs, means }: Parts): AnnotateRoom {
  const launcher = new AnnotateLauncher({ workspace, datasets, runs, means });
  const stores = new AnnotationStores({ workspace, datasets, runs });
  const thread = new SegmentThread();
  const placeOf = (store: AnnotationStore, request: SegmentRequest | PropagateRequest) =>
    framePlace(store, request, workspace.cacheDir);
  const service: AnnotateService = {
    reviewer: () => ({ author: userInfo().username }),
    stores: () => stores.list(),
    counts: async (storeId) => (await stores.get(storeId)).counts(),
    queue: async (query) => (await stores.get(query.storeId)).queue(query),
    item: async (storeId, episodeIndex) => reviewItem(await stores.get(storeId), episodeIndex),
    decide: async (request) => (await stores.get(request.storeId)).decide(request),
    undo: async (request) => (await stores.get(request.storeId)).undo(request),
    segment: async (request) => {
      const store = await stores.get(request.storeId);
      const { place } = await placeOf(store, request);
      const models = modelsFor(request.models, store.config);
      const answer = await thread.segment({ kind: "segment", models, place, prompt: promptOf(request) });
      return { ...answer, mask: { size: [...answer.mask.size] as [number, number], counts: answer.mask.counts } };
    },
    async *propagate(request, signal): AsyncGenerator<PropagateEvent> {
      const store = await stores.get(request.storeId);
      const { place, phrase, nFrames } = await placeOf(store, request);
      const models = modelsFor(request.models, store.config);
      const mask = maskOf(request.mask, "the mask given");
      const { direction, frameIndex } = request;
      const directions = direction === "both" ? (["forward", "backward"] as const) : [direction];
      const nAll =
        (direction === "backward" ? 0 : nFrames - 1 - frameIndex) + (direction === "forward" ? 0 : frameIndex);
      const frames = thread.propagate({ kind: "propagate", models, place, mask, phrase, directions }, signal);
      const done = new Set<number>();
      for (let next = await frames.next(); ; next = await frames.next()) {
        if (next.done === true) {
          yield { kind: "end", model: next.value };
          return;
        }
        const { mask: carried, ...frame } = next.value;
        done.add(frame.frameIndex);
        const wire = carried && { size: [...carried.size] as [number, number], counts: carried.counts };
        yield { kind: "frame", frame: { ...frame, mask: wire }, nDone: done.size, nAll };
      }
    },
    recipes: () => launcher.recipes(),
    check: (request) => launcher.check(request),
    launch: (request) => launcher.launch(request),
    async *job(storeId, signal) {
      const store = (await stores.list()).find((one) => one.storeId === storeId);
      if (store?.kind === "dataset") throw notOfAJob(store.name);
      yield* followJob(runs, store?.runId ?? storeId, signal); // a job that has just been queued is no store yet
    },
    reviewers: async (storeId) => {
      const { reviews } = await stores.get(storeId);
      return reviewersReport([...reviews.episodes()].map((episode) => reviews.history(episode)));
    },
    score: (request, signal) => scoreAgainstGold(request, stores, workspace, signal),
    fix: async (request) => fixEpisode(await stores.get(request.storeId), request),
  };
  return {
    service,
    close: async () => {
      await Promise.all([thread.close(), stores.close()]);
    },
  };
}

/** Where the thread finds a frame, and what its object is called. */
async function framePlace(
  store: AnnotationStore,
  { episodeIndex, frameIndex }: SegmentRequest | PropagateRequest,
  indexDir: string,
): Promise<{ place: FramePlace; phrase: string; nFrames: number }> {
  const dataset = await store.dataset();
  const item = await reviewItem(store, episodeIndex);
  const place = { datasetRoot: dataset.place.root, indexDir, episodeIndex, frameIndex, camera: item.camera };
  return { place, phrase: item.row.phrase, nFrames: item.nFrames };
}

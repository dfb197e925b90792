import {
  builtinAnnotatorRegistry,
  EpisodeFrames,
  openRoles,
  propagateMask,
  type FrameMask,
  type Roles,
} from "@pixelvla/annotator";
import { encodeCocoRle, maskBox, openDataset, type Dataset } from "@pixelvla/data";
import { onnxruntimeEngine } from "@pixelvla/engines";
import type { ImageFeatures, SegmentPrompt } from "@pixelvla/segmenters";
import { keepLast } from "./keep-last.ts";
import type { CarriedMask, FramePlace, Models, SegmentedMask, SegmentQuestion } from "./segment-messages.ts";

type OfKind<K extends SegmentQuestion["kind"]> = Extract<SegmentQuestion, { kind: K }>;

const DATASETS_KEPT = 3;
const EPISODES_KEPT = 4;
/** Encoded pictures kept: those of the frames somebody clicks on, before and after. */
const FEATURES_KEPT = 24;

/** Models, pictures and encoded pictures of the frames that are being fixed; each is opened, decoded and encoded once. */
export class SegmentBench {
  readonly #engine = onnxruntimeEngine({ provider: "auto" });
  readonly #datasets = keepLast<Dataset>(DATASETS_KEPT, (dataset) => dataset.close());
  readonly #episodes = keepLast<EpisodeFrames>(EPISODES_KEPT);
  readonly #features = keepLast<ImageFeatures>(FEATURES_KEPT);
  #roles: { readonly key: string; readonly opened: Promise<Roles> } | undefined;

  /** The best mask for what was drawn. @throws PVLA_SEGMENT_PROMPT, and what opening models and pictures throws */
  async segment({ models, place, prompt }: OfKind<"segment">, signal: AbortSignal): Promise<SegmentedMask> {
    const { segmenter } = await this.#open(models);
    const startedMs = performance.now();
    const features = await this.#features(`${segmenter.model} ${placeKey(place)}`, async () =>
      segmenter.encode(await (await this.#frames(place)).read(place.frameIndex)),
    );
    const encodedMs = performance.now();
    signal.throwIfAborted();
    const { points, box, mask } = prompt;
    const given: SegmentPrompt = {
      ...(points.length > 0 && { points }),
      ...(box !== undefined && { box }),
      ...(mask !== undefined && { mask }),
    };
    const candidates = await segmenter.segment(features, given, { signal });
    const best = candidates.reduce((one, other) => (other.score > one.score ? other : one));
    const decodeMs = performance.now() - encodedMs;
    const model = `${segmenter.model} ${segmenter.modelVersion}`;
    return {
      mask: encodeCocoRle(best.mask),
      score: clamp(best.score),
      model,
      encodeMs: encodedMs - startedMs,
      decodeMs,
    };
  }

  /** Carries a mask through the episode, a frame at a time. @returns the models' names */
  async propagate(
    { models, place, mask, phrase, directions }: OfKind<"propagate">,
    signal: AbortSignal,
    onFrame: (frame: CarriedMask) => void,
  ): Promise<string> {
    const roles = await this.#open(models);
    const frames = await this.#frames(place);
    const box = maskBox(mask) ?? { x0: 0, y0: 0, x1: mask.widthPx, y1: mask.heightPx };
    const { frameIndex } = place;
    const key = {
      frameIndex,
      mask,
      detection: { box, score: 1, label: phrase },
      maskScore: 1,
      score: 1,
      outsideRegion: false,
    };
    const told = (index: number, frame: FrameMask) => onFrame(carried(index, frame));
    const phrases = [phrase];
    await propagateMask(key, { frames, phrases, recipe: models.recipe, roles, signal, directions, onFrame: told });
    return `${roles.segmenter.model} ${roles.segmenter.modelVersion} + ${roles.tracker?.model ?? "no tracker"} ${roles.tracker?.modelVersion ?? ""}`.trim();
  }

  #open({ recipe, modelsDir }: Models): Promise<Roles> {
    const key = JSON.stringify({ recipe, modelsDir });
    if (this.#roles?.key === key) return this.#roles.opened;
    void this.#roles?.opened.then((before) => before.dispose()).catch(() => undefined);
    const context = { engine: this.#engine, ...(modelsDir !== undefined && { modelsDir }) };
    const opened = openRoles(recipe, builtinAnnotatorRegistry(), context);
    this.#roles = { key, opened };
    opened.catch(() => {
      if (this.#roles?.key === key) this.#roles = undefined;
    });
    return opened;
  }

  #frames(place: FramePlace): Promise<EpisodeFrames> {
    const { datasetRoot, indexDir, episodeIndex, camera } = place;
    return this.#episodes(`${datasetRoot} ${episodeIndex} ${camera}`, async () => {
      const dataset = await this.#datasets(datasetRoot, () => openDataset(datasetRoot, { onDamage: "skip", indexDir }));
      return new EpisodeFrames(await dataset.episode(episodeIndex), camera, 2);
    });
  }
}

const placeKey = ({ datasetRoot, episodeIndex, frameIndex, camera }: FramePlace) =>
  `${datasetRoot} ${episodeIndex} ${frameIndex} ${camera}`;

function carried(frameIndex: number, { mask, origin, score }: FrameMask): CarriedMask {
  return {
    frameIndex,
    mask: mask === undefined ? undefined : encodeCocoRle(mask),
    origin: origin === "redetected" ? "redetected" : "tracked",
    score: clamp(score),
  };
}

const clamp = (score: number) => (Number.isFinite(score) ? Math.min(1, Math.max(0, score)) : 0);

import { join } from "node:path";
import { rm } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import {
  importAnnotations,
  openAnnotations,
  runsFromCoco,
  runsIou,
  sidecarDataset,
  SidecarWriter,
  type FrameAnnotation,
  type StoredAnnotations,
} from "@pixelvla/data";
import type { GoldEvent, GoldReport, GoldRequest } from "@pixelvla/studio-contract";
import type { Workspace } from "../workspace.ts";
import { differentDatasets } from "./errors.ts";
import { median } from "./reviewers.ts";
import type { AnnotationStore } from "./store.ts";
import type { AnnotationStores } from "./stores.ts";

const PAGE = 500;
const EPISODES_SHOWN = 200;
/** Below this an episode counts as badly annotated. */
const BAD_IOU = 0.5;
/** Rests after so many frames, so that the host answers others meanwhile. */
const FRAMES_AT_ONCE = 200;

type Episode = GoldReport["episodes"][number];
type Reader = (episodeIndex: number) => Promise<StoredAnnotations | undefined>;

/**
 * Measures a store's masks against a gold set, frame by frame where both say something of it. A file of another tool is imported into a
 * sidecar of its own for the time being; its names must be those that `pixelvla data export` gives.
 *
 * @throws PVLA_STUDIO_STORE for a gold set of another dataset, PVLA_INTERCHANGE_* for a file that does not fit
 */
export async function* scoreAgainstGold(
  { storeId, gold }: GoldRequest,
  stores: AnnotationStores,
  workspace: Workspace,
  signal: AbortSignal,
): AsyncGenerator<GoldEvent> {
  const store = await stores.get(storeId);
  if (gold.kind === "store") {
    const other = await stores.get(gold.storeId);
    const [a, b] = await Promise.all([store.dataset(), other.dataset()]);
    if (a.reader.info.name !== b.reader.info.name || a.reader.info.nEpisodes !== b.reader.info.nEpisodes)
      throw differentDatasets(a.reader.info.name, b.reader.info.name);
    yield* measure(store, (episodeIndex) => other.annotations(episodeIndex).catch(() => undefined), signal);
    return;
  }
  const file = await workspace.resolve(gold.path);
  const folder = join(workspace.cacheDir, "gold", randomUUID());
  try {
    const { reader } = await store.dataset();
    const writer = await SidecarWriter.open(folder, sidecarDataset(reader.info));
    await importAnnotations(reader, writer, { format: gold.format, file, run: "gold" });
    const imported = await openAnnotations(folder);
    try {
      yield* measure(store, (episodeIndex) => imported.episode(episodeIndex), signal);
    } finally {
      await imported.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function* measure(store: AnnotationStore, goldOf: Reader, signal: AbortSignal): AsyncGenerator<GoldEvent> {
  const tally = new Tally();
  const isOver = () => signal.aborted;
  let nDone = 0;
  let nFrames = 0;
  for (let page = 0, nAll = Infinity; page * PAGE < nAll && !isOver(); page++) {
    const found = await store.queue({
      search: "",
      decisions: [],
      sort: "episode",
      direction: "ascending",
      page,
      pageSize: PAGE,
    });
    nAll = found.nMatched;
    for (const { episodeIndex, doubt, decision } of found.rows) {
      if (isOver()) return;
      const [own, gold] = await Promise.all([store.annotations(episodeIndex), goldOf(episodeIndex)]);
      if (gold !== undefined) nFrames += tally.add({ episodeIndex, doubt, decision }, own, gold);
      nDone++;
      if (nFrames >= FRAMES_AT_ONCE || nDone === nAll) {
        nFrames = 0;
        await new Promise((resolve) => setImmediate(resolve));
        yield { kind: "progress", nDone, nAll };
      }
    }
  }
  yield { kind: "report", report: tally.report() };
}

/** Frames and episodes counted so far. */
class Tally {
  readonly #ious: number[] = [];
  readonly #episodes: Episode[] = [];
  #nBoth = 0;
  #nOwn = 0;
  #nGold = 0;

  /** Counts the frames of an episode that both annotate; gives how many. */
  add(
    about: Pick<Episode, "episodeIndex" | "doubt" | "decision">,
    own: StoredAnnotations,
    gold: StoredAnnotations,
  ): number {
    const goldByRaw = new Map(Array.from(gold.rawFrameIndex, (raw, i) => [raw, gold.annotations[i]]));
    const ious: number[] = [];
    for (const [i, annotation] of own.annotations.entries()) {
      const trusted = goldByRaw.get(own.rawFrameIndex[i]!);
      if (annotation === undefined || trusted === undefined || annotation.camera !== trusted.camera) continue;
      if (annotation.mask !== undefined) this.#nOwn++;
      if (trusted.mask !== undefined) this.#nGold++;
      if (annotation.mask !== undefined && trusted.mask !== undefined) this.#nBoth++;
      ious.push(iou(annotation, trusted));
    }
    if (ious.length > 0) this.#episodes.push({ ...about, meanIou: mean(ious), nFrames: ious.length });
    this.#ious.push(...ious);
    return ious.length;
  }

  report(): GoldReport {
    const ious = this.#ious;
    const share = (least: number) =>
      ious.length === 0 ? 0 : ious.filter((value) => value >= least).length / ious.length;
    const histogram = Array.from({ length: 10 }, () => 0);
    for (const value of ious) histogram[Math.min(9, Math.floor(value * 10))]!++;
    return {
      nEpisodes: this.#episodes.length,
      nFrames: ious.length,
      meanIou: mean(ious),
      medianIou: median(ious) ?? 0,
      share50: share(0.5),
      share75: share(0.75),
      precision: this.#nOwn === 0 ? undefined : this.#nBoth / this.#nOwn,
      recall: this.#nGold === 0 ? undefined : this.#nBoth / this.#nGold,
      histogram,
      doubtAuroc: auroc(this.#episodes.map(({ doubt, meanIou }) => ({ score: doubt, isPositive: meanIou < BAD_IOU }))),
      episodes: [...this.#episodes].sort((a, b) => a.meanIou - b.meanIou).slice(0, EPISODES_SHOWN),
    };
  }
}

/** 1 where neither has a mask, 0 where only one has. */
function iou(own: FrameAnnotation, gold: FrameAnnotation): number {
  if (own.mask === undefined || gold.mask === undefined) return own.mask === gold.mask ? 1 : 0;
  return runsIou(runsFromCoco(own.mask), runsFromCoco(gold.mask));
}

/** Area under the ROC curve by ranks, ties counting half; undefined where only one kind occurs. */
export function auroc(cases: readonly { readonly score: number; readonly isPositive: boolean }[]): number | undefined {
  const positives = cases.filter(({ isPositive }) => isPositive).map(({ score }) => score);
  const negatives = cases.filter(({ isPositive }) => !isPositive).map(({ score }) => score);
  if (positives.length === 0 || negatives.length === 0) return undefined;
  const sorted = negatives.sort((a, b) => a - b);
  let wins = 0;
  for (const score of positives) {
    const below = lowerBound(sorted, score);
    const upTo = lowerBound(sorted, score, true);
    wins += below + (upTo - below) / 2;
  }
  return wins / (positives.length * negatives.length);
}

/** How many values lie below `value` (or at it, with `inclusive`). */
function lowerBound(sorted: readonly number[], value: number, inclusive = false): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (sorted[middle]! < value || (inclusive && sorted[middle] === value)) from = middle + 1;
    else to = middle;
  }
  return from;
}

const mean = (values: readonly number[]) =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

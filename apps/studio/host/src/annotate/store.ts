import { join } from "node:path";
import type { AnnotationJobConfig } from "@pixelvla/annotator";
import {
  EDITS_FOLDER,
  openAnnotations,
  sidecarDataset,
  SidecarWriter,
  type AnnotationReader,
  type IndexedEpisode,
  type StoredAnnotations,
} from "@pixelvla/data";
import type {
  DecideRequest,
  DecisionOutcome,
  QueuePage,
  QueueQuery,
  QueueRow,
  StoreCounts,
  UndoRequest,
} from "@pixelvla/studio-contract";
import type { DatasetCatalog } from "../datasets/catalog.ts";
import type { OpenedDataset } from "../datasets/open-dataset.ts";
import { Limiter } from "../limiter.ts";
import { notInStore } from "./errors.ts";

/** For how long the index is trusted before the files are looked at again: jobs and other reviewers write meanwhile. */
const FRESH_MS = 1000;
const RETIRED_MS = 10_000;

interface Opening {
  /** Real path of a sidecar or a pixel dataset. */
  readonly root: string;
  readonly datasetId: string;
  readonly datasets: DatasetCatalog;
  /** Of the job that made the annotations, where one did. */
  readonly config: AnnotationJobConfig | undefined;
}

/** An edit of an episode's annotations, ready to be written. */
export interface EpisodeEdit extends StoredAnnotations {
  readonly episodeIndex: number;
  /** Names the edit; the same name is stored once. */
  readonly run: string;
  readonly doubtReason: string;
}

/**
 * A folder of annotations that is open for review. Decisions go to its append-only review log, fixed masks into the sidecar itself or,
 * for a pixel dataset, into its edits beside the columns. Whatever changes the folder takes its turn.
 */
export class AnnotationStore {
  readonly root: string;
  readonly config: AnnotationJobConfig | undefined;
  readonly #datasets: DatasetCatalog;
  readonly #datasetId: string;
  readonly #turn = new Limiter(1);
  #reader: AnnotationReader;
  #refreshedMs = performance.now();

  private constructor({ root, config, datasets, datasetId }: Opening, reader: AnnotationReader) {
    this.root = root;
    this.config = config;
    this.#datasets = datasets;
    this.#datasetId = datasetId;
    this.#reader = reader;
  }

  /** @throws PVLA_PIXELS_* for a damaged store */
  static async open(opening: Opening): Promise<AnnotationStore> {
    return new AnnotationStore(opening, await openAnnotations(opening.root));
  }

  /** The dataset that is annotated. @throws as opening it does */
  dataset(): Promise<OpenedDataset> {
    return this.#datasets.open(this.#datasetId);
  }

  async queue({ search, decisions, sort, direction, page, pageSize }: Omit<QueueQuery, "storeId">): Promise<QueuePage> {
    await this.#refresh();
    const { index } = this.#reader;
    const found = await index.episodes({
      search,
      sort,
      descending: direction === "descending",
      page,
      pageSize,
      ...(decisions.length > 0 && { decisions }),
    });
    const isAll = search === "" && decisions.length === 0;
    const nTotal = isAll ? found.total : (await index.episodes({ pageSize: 1 })).total;
    return { rows: found.rows.map((row) => this.#row(row)), nMatched: found.total, nTotal };
  }

  async counts(): Promise<StoreCounts> {
    await this.#refresh();
    const { nEpisodes, nFrames, nFramesWithMask, meanScore, decisions, doubtHistogram } =
      await this.#reader.index.statistics(1);
    return { nEpisodes, nFrames, nFramesWithMask, meanScore, decisions, doubtHistogram };
  }

  /** The line of an episode in the queue, and its history. @throws PVLA_STUDIO_STORE for one the store does not hold */
  async outcome(episodeIndex: number): Promise<DecisionOutcome> {
    const row = await this.#reader.index.episode(episodeIndex);
    if (row === undefined) throw notInStore(episodeIndex);
    const history = this.#reader.index.reviews
      .history(episodeIndex)
      .map(({ id, time, author, decision, note, undoes }) => ({ id, time, author, decision, note, undoes }));
    return { row: this.#row(row), history };
  }

  /** Annotations of an episode. @throws PVLA_STUDIO_STORE, PVLA_PIXELS_DAMAGED */
  async annotations(episodeIndex: number): Promise<StoredAnnotations> {
    await this.#refresh();
    const stored = await this.#reader.episode(episodeIndex);
    if (stored === undefined) throw notInStore(episodeIndex);
    return stored;
  }

  /** The log of reviews, as of the last refresh. */
  get reviews() {
    return this.#reader.index.reviews;
  }

  /** Records a decision; on the disk when this returns. The same again by the same author is not recorded twice. @throws PVLA_PIXELS_WRITE */
  decide({ episodeIndex, decision, author, note }: Omit<DecideRequest, "storeId">): Promise<DecisionOutcome> {
    return this.#turn.run(async () => {
      const { index } = this.#reader;
      const now = index.reviews.current(episodeIndex);
      if (now?.decision !== decision || now.author !== author || now.note !== note)
        await index.decide(episodeIndex, decision, author, note);
      return this.outcome(episodeIndex);
    });
  }

  /** Takes back the decision `reviewId`, unless another counts by now. @throws PVLA_PIXELS_WRITE */
  undo({ episodeIndex, author, reviewId }: Omit<UndoRequest, "storeId">): Promise<DecisionOutcome> {
    return this.#turn.run(async () => {
      const { index } = this.#reader;
      if (index.reviews.current(episodeIndex)?.id === reviewId) await index.undo(episodeIndex, author);
      return this.outcome(episodeIndex);
    });
  }

  /** Writes an edit of an episode and then the decision `corrected` on it. @throws PVLA_PIXELS_WRITE, PVLA_PIXELS_EPISODE */
  fix(edit: EpisodeEdit, author: string, note: string): Promise<DecisionOutcome> {
    return this.#turn.run(async () => {
      const { info } = (await this.dataset()).reader;
      const row = await this.#reader.index.episode(edit.episodeIndex);
      if (row === undefined) throw notInStore(edit.episodeIndex);
      const isSidecar = this.#reader.index.kind === "sidecar";
      const root = isSidecar ? this.root : join(this.root, EDITS_FOLDER);
      const writer = await SidecarWriter.open(root, sidecarDataset(info), { commitEpisodes: 1 });
      await writer.add({ ...edit, split: row.split, task: row.task });
      await writer.close();
      if (isSidecar) await this.#reader.index.refresh();
      else await this.#reopen(); // the first edit makes the folder that the reader looks for when it is opened
      const { index } = this.#reader;
      const now = index.reviews.current(edit.episodeIndex);
      if (now?.decision !== "corrected" || now.author !== author || now.note !== note)
        await index.decide(edit.episodeIndex, "corrected", author, note);
      return this.outcome(edit.episodeIndex);
    });
  }

  async close(): Promise<void> {
    await this.#turn.run(() => this.#reader.close());
  }

  async #reopen(): Promise<void> {
    const before = this.#reader;
    this.#reader = await openAnnotations(this.root);
    setTimeout(() => void before.close(), RETIRED_MS).unref(); // somebody may be reading from it
  }

  async #refresh(): Promise<void> {
    if (performance.now() - this.#refreshedMs < FRESH_MS) return;
    this.#refreshedMs = performance.now();
    await this.#turn.run(() => this.#reader.index.refresh());
  }

  #row(indexed: IndexedEpisode): QueueRow {
    const { episodeIndex, task, phrase, split, nFrames, nWithMask, meanScore, doubt, doubtReason } = indexed;
    const { decision, author, decidedAt } = indexed;
    return {
      episodeIndex,
      task,
      phrase,
      split,
      nFrames,
      nWithMask,
      meanScore,
      doubt,
      doubtReason,
      decision,
      author,
      decidedAt,
      reviewId: this.#reader.index.reviews.current(episodeIndex)?.id,
    };
  }
}

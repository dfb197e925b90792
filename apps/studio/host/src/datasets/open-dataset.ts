import { openDataset, type Dataset, type Episode } from "@pixelvla/data";
import type { DatasetDetail, Problem } from "@pixelvla/studio-contract";
import { Limiter } from "../limiter.ts";
import { asProblem } from "../problem.ts";
import type { Workspace } from "../workspace.ts";
import { DatasetAnnotations } from "./annotations.ts";
import { EpisodeTable } from "./episode-table.ts";
import { refuseEscapingLinks } from "./escaping-links.ts";
import { readListCache, writeListCache } from "./list-cache.ts";
import { datasetRevision } from "./revision.ts";

/** Where a dataset lies and what it is called. */
export interface DatasetPlace {
  readonly datasetId: string;
  readonly name: string;
  /** As shown to the user. */
  readonly path: string;
  /** Real path. */
  readonly root: string;
}

interface Parts {
  readonly place: DatasetPlace;
  readonly revision: string;
  readonly reader: Dataset;
  readonly annotations: DatasetAnnotations | undefined;
  readonly annotationProblem: Problem | undefined;
  readonly closing: AbortController;
}

/** Episodes kept loaded for each dataset: enough for a player, its neighbours and a screen of thumbnails. */
const EPISODES_KEPT = 24;
/** Episodes read at the same time: bounds memory when many clients ask at once. */
const PARALLEL_READS = 6;

/** A dataset the studio has opened: its reader, its episode list (filled in the background) and the episodes in use. */
export class OpenedDataset {
  readonly place: DatasetPlace;
  readonly revision: string;
  readonly reader: Dataset;
  readonly annotations: DatasetAnnotations | undefined;
  readonly table = new EpisodeTable();
  /** Settles when the list is whole; rejects with what broke it. */
  readonly listed: Promise<void>;
  readonly #episodes = new Map<number, Promise<Episode>>();
  readonly #reads = new Limiter(PARALLEL_READS);
  readonly #closing: AbortController;
  readonly #annotationProblem: Problem | undefined;
  #isListed = false;

  private constructor(parts: Parts, cacheDir: string) {
    this.place = parts.place;
    this.revision = parts.revision;
    this.reader = parts.reader;
    this.annotations = parts.annotations;
    this.#annotationProblem = parts.annotationProblem;
    this.#closing = parts.closing;
    this.listed = this.#list(cacheDir);
    this.listed.catch(() => undefined); // whoever waits for it hears of it
  }

  /** @throws PVLA_STUDIO_LINK, and what the reader throws for a folder it cannot read; damaged annotations are reported, not thrown */
  static async open(place: DatasetPlace, workspace: Workspace): Promise<OpenedDataset> {
    await refuseEscapingLinks(place.root, place.name, workspace);
    const closing = new AbortController();
    const { signal } = closing;
    const reader = await openDataset(place.root, { onDamage: "skip", indexDir: workspace.cacheDir, signal });
    let annotations: DatasetAnnotations | undefined;
    let annotationProblem: Problem | undefined;
    try {
      annotations = await DatasetAnnotations.open(reader.info, workspace);
    } catch (error) {
      annotationProblem = asProblem(error);
    }
    const revision = await datasetRevision(reader.info.root);
    return new OpenedDataset({ place, revision, reader, annotations, annotationProblem, closing }, workspace.cacheDir);
  }

  /** Whether the list of episodes is whole. */
  get isListed(): boolean {
    return this.#isListed;
  }

  /** Episodes there are, listed or not yet. */
  get nTotal(): number {
    return this.#isListed ? this.table.nRows : Math.max(this.reader.info.nEpisodes, this.table.nRows);
  }

  /** Loads an episode, or gives the one that is loaded. @throws PVLA_DATA_EPISODE and what the reader throws */
  episode(episodeIndex: number): Promise<Episode> {
    const known = this.#episodes.get(episodeIndex);
    if (known !== undefined) {
      this.#episodes.delete(episodeIndex);
      this.#episodes.set(episodeIndex, known);
      return known;
    }
    const loading = this.#reads.run(() => this.reader.episode(episodeIndex));
    this.#episodes.set(episodeIndex, loading);
    loading.catch(() => this.#episodes.delete(episodeIndex));
    for (const oldest of this.#episodes.keys()) {
      if (this.#episodes.size <= EPISODES_KEPT) break;
      this.#episodes.delete(oldest);
    }
    return loading;
  }

  detail(): DatasetDetail {
    const { info, damage } = this.reader;
    return {
      datasetId: this.place.datasetId,
      name: info.name,
      path: this.place.path,
      format: info.format,
      version: info.version,
      revision: this.revision,
      fps: info.fps,
      cameras: info.cameras.map((camera) => ({ ...camera, isPrimary: camera.key === info.primaryCamera })),
      primaryCamera: info.primaryCamera,
      stateNames: info.stateNames,
      actionNames: info.actionNames,
      standardisation: info.standardisation,
      splits: info.splits,
      nEpisodes: this.nTotal,
      nEpisodesDeclared: info.nEpisodesDeclared,
      nFrames: info.nFrames,
      missingFiles: info.missingFiles,
      damage: [
        ...(this.#annotationProblem === undefined ? [] : [this.#annotationProblem]),
        ...damage.slice(0, 1000).map(({ code, message }) => ({ code, message })),
      ],
      hasAnnotations: this.annotations !== undefined,
    };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.listed.catch(() => undefined);
    this.#episodes.clear();
    await Promise.all([this.reader.close(), this.annotations?.close()]);
  }

  async #list(cacheDir: string): Promise<void> {
    const { datasetId } = this.place;
    const kept = await readListCache(cacheDir, datasetId, this.revision);
    if (kept !== undefined) {
      for (const entry of kept) this.table.add(entry);
      this.#isListed = true;
      return;
    }
    for await (const { episodeIndex, split, nFrames, task } of this.reader.summaries())
      this.table.add({ episodeIndex, split, nFrames, task });
    this.#isListed = true;
    const isWhole = this.reader.damage.length === 0; // damage is found by listing, so it must be listed again
    if (isWhole) await writeListCache(cacheDir, datasetId, this.revision, this.table).catch(() => undefined); // a full or read-only disk
  }
}

import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { annotationJobSchema, type AnnotationJobConfig } from "@pixelvla/annotator";
import { sidecarPath } from "@pixelvla/data";
import type { Problem, StoreItem } from "@pixelvla/studio-contract";
import type { DatasetCatalog } from "../datasets/catalog.ts";
import type { DatasetPlace } from "../datasets/open-dataset.ts";
import { asProblem } from "../problem.ts";
import { unknownItem } from "../errors.ts";
import type { RunCatalog } from "../runs/catalog.ts";
import type { RunRecord } from "../runs/run-record.ts";
import type { Workspace } from "../workspace.ts";
import { splitNotReviewable, storeIsEmpty } from "./errors.ts";
import { AnnotationStore } from "./store.ts";

/** Stores kept open; the one unused for longest is closed. */
const STORES_KEPT = 6;

interface Parts {
  readonly workspace: Workspace;
  readonly datasets: DatasetCatalog;
  readonly runs: RunCatalog;
}

/** Where a store lies, and what it annotates. */
interface StorePlace {
  readonly item: StoreItem;
  /** Real path of the sidecar or pixel dataset. */
  readonly root: string;
  readonly config: AnnotationJobConfig | undefined;
}

/** The folders of annotations in a workspace, those of jobs and those of datasets: whoever made them, they appear by themselves. */
export class AnnotationStores {
  readonly #parts: Parts;
  readonly #open = new Map<string, Promise<AnnotationStore>>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Jobs first, latest first, then datasets with annotations of their own. Nothing is opened for it. */
  async list(): Promise<StoreItem[]> {
    return (await this.#places()).map(({ item }) => item);
  }

  /** The store of that id, opened. @throws PVLA_STUDIO_UNKNOWN, PVLA_STUDIO_STORE, and what opening it throws */
  async get(storeId: string): Promise<AnnotationStore> {
    const known = this.#open.get(storeId);
    if (known !== undefined) {
      this.#open.delete(storeId);
      this.#open.set(storeId, known);
      return known;
    }
    const opening = this.#openNow(storeId);
    this.#open.set(storeId, opening);
    opening.catch(() => this.#open.delete(storeId));
    for (const [oldest, store] of this.#open) {
      if (this.#open.size <= STORES_KEPT) break;
      this.#open.delete(oldest);
      void store.then((opened) => opened.close()).catch(() => undefined);
    }
    return opening;
  }

  async close(): Promise<void> {
    const stores = [...this.#open.values()];
    this.#open.clear();
    await Promise.allSettled(stores.map(async (store) => (await store).close()));
  }

  async #openNow(storeId: string): Promise<AnnotationStore> {
    const place = (await this.#places()).find(({ item }) => item.storeId === storeId);
    if (place === undefined) throw unknownItem("store of annotations", storeId);
    const { item, root, config } = place;
    if (config?.reading.split !== undefined) throw splitNotReviewable(item.name, config.reading.split);
    if (!existsSync(join(root, ".pixelvla"))) throw storeIsEmpty(item.name);
    return AnnotationStore.open({ root, datasetId: item.datasetId, datasets: this.#parts.datasets, config });
  }

  async #places(): Promise<StorePlace[]> {
    const { datasets, runs } = this.#parts;
    const records = (await runs.all()).filter(({ status }) => status?.kind === "annotate");
    const ofJobs = await Promise.all(records.map((record) => this.#ofJob(record)));
    const byStart = (place: StorePlace) => records.find(({ place: { runId } }) => runId === place.item.runId);
    const jobs = ofJobs
      .filter((place) => place !== undefined)
      .sort((a, b) => (byStart(b)?.row.startedAt ?? "").localeCompare(byStart(a)?.row.startedAt ?? ""));
    const taken = new Set(jobs.map(({ root }) => root));
    const own = await Promise.all((await datasets.places()).map((place) => this.#ofDataset(place)));
    return [...jobs, ...own.filter((place) => place !== undefined && !taken.has(place.root)).map((place) => place!)];
  }

  async #ofJob({ place, row, config: document }: RunRecord): Promise<StorePlace | undefined> {
    const parsed = annotationJobSchema.safeParse(document);
    if (!parsed.success || parsed.data.shard.of > 1) return undefined; // a shard's annotations are written by the merge
    const config = parsed.data;
    const base = { storeId: place.runId, name: place.name, kind: "job" as const, runId: place.runId, state: row.state };
    const made = { recipe: config.recipe.name, segmenter: config.recipe.roles.segmenter.name };
    const sidecar = config.sidecar ?? join(place.dir, "annotations");
    try {
      const dataset = await this.#parts.workspace.admit(config.dataset);
      const root = existsSync(sidecar) ? await this.#parts.workspace.admit(sidecar) : sidecar;
      const datasetId = this.#parts.datasets.idOf(dataset);
      const item = { ...base, datasetId, datasetName: row.dataset ?? "", ...made };
      return { item, root, config };
    } catch (error) {
      const problem: Problem = asProblem(error);
      const item = { ...base, datasetId: "", datasetName: row.dataset ?? "", ...made, problem };
      return { item, root: sidecar, config };
    }
  }

  async #ofDataset({ datasetId, name, root }: DatasetPlace): Promise<StorePlace | undefined> {
    for (const folder of [root, sidecarPath(root)]) {
      const target = await realpath(folder).catch(() => undefined);
      if (target === undefined || !existsSync(join(target, ".pixelvla"))) continue;
      if (!(await this.#parts.workspace.allows(target))) continue;
      const item = { storeId: datasetId, name, kind: "dataset" as const, datasetId, datasetName: name };
      return { item, root: target, config: undefined };
    }
    return undefined;
  }
}

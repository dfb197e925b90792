import { readdir, realpath, stat } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import type { DatasetListItem, FolderEntry, Problem } from "@pixelvla/studio-contract";
import { unknownItem } from "../errors.ts";
import { itemId } from "../item-id.ts";
import { isInside, type Workspace } from "../workspace.ts";
import { asProblem } from "../problem.ts";
import { glanceAt } from "./glance.ts";
import { OpenedDataset, type DatasetPlace } from "./open-dataset.ts";
import { datasetRevision } from "./revision.ts";

/** Datasets kept open; the one unused for longest is closed. */
const DATASETS_KEPT = 8;
/** For how long an open dataset is trusted before its files are looked at again. */
const RECHECK_MS = 5000;
/** Files and folders that make a folder a dataset. */
const MARKS: readonly (readonly string[])[] = [["dataset_info.json"], ["meta", "info.json"]];

interface Kept {
  readonly opened: OpenedDataset;
  checkedMs: number;
}

/** Which datasets there are, by id; opens them when asked and keeps the last few open. */
export class DatasetCatalog {
  readonly #workspace: Workspace;
  readonly #kept = new Map<string, Promise<Kept>>();
  readonly #places = new Map<string, DatasetPlace>();
  readonly #problems = new Map<string, Problem>();

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /** Datasets in `datasets/`, those named at the start and those opened since. Nothing is opened for it: sizes are the declared ones. */
  async list(): Promise<DatasetListItem[]> {
    await this.#scan();
    const items = [...this.#places.values()].map(async (place): Promise<DatasetListItem> => {
      const opened = await this.#kept.get(place.datasetId)?.then(
        ({ opened }) => opened,
        () => undefined,
      );
      const declared = opened === undefined ? await glanceAt(place.root) : undefined;
      return {
        datasetId: place.datasetId,
        name: place.name,
        path: place.path,
        format: opened?.reader.info.format ?? declared?.format,
        nEpisodes: opened?.nTotal ?? declared?.nEpisodes,
        nFrames: opened?.reader.info.nFrames ?? declared?.nFrames,
        problem: this.#problems.get(place.datasetId),
      };
    });
    return (await Promise.all(items)).sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  }

  /** Where the known datasets lie, after a look at `datasets/`. */
  async places(): Promise<readonly DatasetPlace[]> {
    await this.#scan();
    return [...this.#places.values()];
  }

  /** Folders inside a folder of the workspace. @throws PVLA_STUDIO_OUTSIDE */
  async folders(path: string): Promise<FolderEntry[]> {
    const folder = await this.#workspace.resolve(path);
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    const folders = entries.filter(
      (entry) => !entry.name.startsWith(".") && (entry.isDirectory() || entry.isSymbolicLink()),
    );
    const found = await Promise.all(
      folders.map(async ({ name }): Promise<FolderEntry | undefined> => {
        const inner = path === "" ? name : `${path}/${name}`;
        const target = await this.#workspace.resolve(inner).catch(() => undefined);
        if (target === undefined || !(await stat(target)).isDirectory()) return undefined;
        return { name, path: inner, kind: (await isDataset(target)) ? "dataset" : "folder" };
      }),
    );
    return found
      .filter((entry) => entry !== undefined)
      .sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  }

  /** Opens a folder of the workspace as a dataset and remembers it. @throws PVLA_STUDIO_OUTSIDE and what the reader throws */
  async openPath(path: string): Promise<OpenedDataset> {
    const root = await this.#workspace.resolve(path);
    return this.open(this.#remember(root, path).datasetId);
  }

  /** The dataset of that id, opened, and opened again if its files changed. @throws PVLA_STUDIO_UNKNOWN and what the reader throws */
  async open(datasetId: string): Promise<OpenedDataset> {
    if (!this.#places.has(datasetId)) await this.#scan();
    const place = this.#places.get(datasetId);
    if (place === undefined) throw unknownItem("dataset", datasetId);
    const known = this.#kept.get(datasetId);
    if (known === undefined) return this.#openNow(place);
    const kept = await known;
    if (performance.now() - kept.checkedMs < RECHECK_MS) return this.#touch(datasetId, known, kept);
    kept.checkedMs = performance.now();
    if ((await datasetRevision(kept.opened.reader.info.root)) === kept.opened.revision)
      return this.#touch(datasetId, known, kept);
    this.#kept.delete(datasetId);
    void kept.opened.close();
    return this.#openNow(place);
  }

  /** Id of the dataset at the real path `root`, made known if it was not. The caller has checked the path. */
  idOf(root: string): string {
    return this.#remember(root, root).datasetId;
  }

  async close(): Promise<void> {
    const kept = [...this.#kept.values()];
    this.#kept.clear();
    await Promise.allSettled(kept.map(async (each) => (await each).opened.close()));
  }

  async #openNow(place: DatasetPlace): Promise<OpenedDataset> {
    const { datasetId } = place;
    const opening = OpenedDataset.open(place, this.#workspace).then((opened): Kept => ({
      opened,
      checkedMs: performance.now(),
    }));
    this.#kept.set(datasetId, opening);
    try {
      const { opened } = await opening;
      this.#problems.delete(datasetId);
      this.#evict();
      return opened;
    } catch (error) {
      this.#kept.delete(datasetId);
      this.#problems.set(datasetId, asProblem(error));
      throw error;
    }
  }

  #touch(datasetId: string, entry: Promise<Kept>, { opened }: Kept): OpenedDataset {
    this.#kept.delete(datasetId);
    this.#kept.set(datasetId, entry);
    return opened;
  }

  #evict(): void {
    for (const [datasetId, oldest] of this.#kept) {
      if (this.#kept.size <= DATASETS_KEPT) break;
      this.#kept.delete(datasetId);
      void oldest.then(
        ({ opened }) => opened.close(),
        () => undefined,
      );
    }
  }

  async #scan(): Promise<void> {
    const { datasetsDir, namedDatasets } = this.#workspace;
    for (const root of namedDatasets) this.#remember(root, root);
    const entries = await readdir(datasetsDir, { withFileTypes: true }).catch(() => []);
    await Promise.all(
      entries.map(async (entry) => {
        if (entry.name.startsWith(".") || !(entry.isDirectory() || entry.isSymbolicLink())) return;
        const target = await realpath(join(datasetsDir, entry.name)).catch(() => undefined);
        if (target !== undefined) this.#remember(target, `datasets/${entry.name}`);
      }),
    );
  }

  #remember(root: string, path: string): DatasetPlace {
    const identity = isInside(this.#workspace.root, root) ? relative(this.#workspace.root, root) : root;
    const name = basename(path === "" ? root : path);
    const datasetId = itemId(name, identity);
    const place = this.#places.get(datasetId) ?? { datasetId, name, path, root };
    this.#places.set(datasetId, place);
    return place;
  }
}

async function isDataset(folder: string): Promise<boolean> {
  for (const mark of MARKS) {
    const isThere = await stat(join(folder, ...mark)).then(
      () => true,
      () => false,
    );
    if (isThere) return true;
  }
  return (await readdir(folder).catch((): string[] => [])).some((name) => /\.(hdf5|h5)$/i.test(name));
}

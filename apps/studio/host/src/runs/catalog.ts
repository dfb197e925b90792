import { readdir, realpath } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { JOB_FILES } from "@pixelvla/jobs";
import { unknownItem } from "../errors.ts";
import { itemId } from "../item-id.ts";
import { Limiter } from "../limiter.ts";
import { isInside, type Workspace } from "../workspace.ts";
import { fileInside } from "./run-files.ts";
import type { RecipeBase } from "./recipe-base.ts";
import { RunRecord, type RunPlace } from "./run-record.ts";

/** Answers within this time share one look at the disk. */
const FRESH_MS = 400;
/** Folders looked at in parallel. */
const PARALLEL_LOOKS = 32;
/** Cells of a sweep lie one folder deeper. */
const CELLS = "cells";

/** What changed between two looks. */
export interface CatalogChange {
  readonly changed: readonly RunRecord[];
  readonly gone: readonly string[];
}

/** The job directories of a workspace, as they stand on disk: whoever started them, they appear by themselves. */
export class RunCatalog {
  readonly #workspace: Workspace;
  readonly #base: RecipeBase;
  readonly #records = new Map<string, RunRecord>();
  #looking: Promise<void> | undefined;
  #lookedMs = -Infinity;
  #version = 0;
  /** Version at which each run last changed, and each vanished. */
  readonly #changedAt = new Map<string, number>();
  readonly #goneAt = new Map<string, number>();

  constructor(workspace: Workspace, base: RecipeBase) {
    this.#workspace = workspace;
    this.#base = base;
  }

  /** All jobs, after a look at the disk that is at most half a second old. */
  async all(): Promise<readonly RunRecord[]> {
    await this.#look();
    return [...this.#records.values()];
  }

  /** The job of that id. @throws PVLA_STUDIO_UNKNOWN */
  async get(runId: string): Promise<RunRecord> {
    let record = this.#records.get(runId);
    if (record === undefined) {
      await this.#look();
      record = this.#records.get(runId);
    }
    if (record === undefined) throw unknownItem("run", runId);
    if (await record.refresh()) this.#changedAt.set(runId, ++this.#version); // whoever follows the table hears of it too
    return record;
  }

  /** Real path of the job's folder. @throws PVLA_STUDIO_UNKNOWN */
  async folderOf(runId: string): Promise<string> {
    return (await this.get(runId)).place.dir;
  }

  /** Id of the job directory at the real path `dir`. */
  idOf(dir: string): string {
    return itemId(basename(dir), this.#identity(dir), 96);
  }

  /** Looks at the disk; gives what changed since `version`, and the version to ask with next. */
  async changesSince(version: number): Promise<CatalogChange & { readonly version: number }> {
    await this.#look();
    const since = (versions: ReadonlyMap<string, number>) =>
      [...versions].filter(([, at]) => at > version).map(([runId]) => runId);
    const changed = since(this.#changedAt).flatMap((runId) => this.#records.get(runId) ?? []);
    return { changed, gone: since(this.#goneAt), version: this.#version };
  }

  #identity(dir: string): string {
    return isInside(this.#workspace.root, dir) ? relative(this.#workspace.root, dir) : dir;
  }

  async #look(): Promise<void> {
    if (performance.now() - this.#lookedMs < FRESH_MS && this.#looking === undefined) return;
    this.#looking ??= this.#lookNow().finally(() => {
      this.#looking = undefined;
      this.#lookedMs = performance.now();
    });
    await this.#looking;
  }

  async #lookNow(): Promise<void> {
    const looks = new Limiter(PARALLEL_LOOKS);
    const runsDir = await realpath(this.#workspace.runsDir).catch(() => undefined);
    const places = runsDir === undefined ? [] : await this.#places(runsDir, "runs", 2, looks);
    const version = ++this.#version;
    await Promise.all(
      places.map((place) =>
        looks.run(async () => {
          const known = this.#records.get(place.runId);
          const record = known ?? new RunRecord(place, this.#base);
          if (!(await record.refresh()) && known !== undefined) return;
          this.#records.set(place.runId, record);
          this.#changedAt.set(place.runId, version);
          this.#goneAt.delete(place.runId);
        }),
      ),
    );
    const present = new Set(places.map(({ runId }) => runId));
    const gone = [...this.#records.keys()].filter((runId) => !present.has(runId));
    for (const runId of gone) {
      this.#records.delete(runId);
      this.#changedAt.delete(runId);
      this.#goneAt.set(runId, version);
    }
  }

  async #places(folder: string, shown: string, depth: number, looks: Limiter): Promise<RunPlace[]> {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    const found = await Promise.all(
      entries.map(async (entry): Promise<RunPlace[]> => {
        if (entry.name.startsWith(".") || !(entry.isDirectory() || entry.isSymbolicLink())) return [];
        const path = `${shown}/${entry.name}`;
        const dir = await looks.run(() => this.#admit(join(folder, entry.name), entry.isSymbolicLink()));
        if (dir === undefined) return [];
        const isJob = (await looks.run(() => fileInside(dir, JOB_FILES.status))) !== undefined;
        const inner =
          depth > 1
            ? await this.#places(isJob ? join(dir, CELLS) : dir, isJob ? `${path}/${CELLS}` : path, depth - 1, looks)
            : [];
        const place = { runId: itemId(entry.name, this.#identity(dir), 96), name: entry.name, path, dir };
        return isJob ? [place, ...inner] : inner;
      }),
    );
    return found.flat();
  }

  async #admit(path: string, isLink: boolean): Promise<string | undefined> {
    return isLink ? this.#workspace.admit(path).catch(() => undefined) : path;
  }
}

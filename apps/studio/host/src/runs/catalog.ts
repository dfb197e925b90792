import { readdir, realpath } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { JOB_FILES } from "@pixelvla/jobs";
import { unknownItem } from "../errors.ts";
import { itemId } from "../item-id.ts";
import { Limiter } from "../limiter.ts";
import { isInside, type Workspace } from "../workspace.ts";
import { fileInside, lstat } from "./run-files.ts";
import type { RecipeBase } from "./recipe-base.ts";
import { RunRecord, type RunPlace } from "./run-record.ts";
import type { RunSnapshot, RunSnapshots } from "./run-snapshots.ts";

/** Answers within this time share one look at the disk. */
const FRESH_MS = 400;
/** Folders looked at in parallel. */
const PARALLEL_LOOKS = 32;
/** Cells of a sweep lie one folder deeper. */
const CELLS = "cells";
/** A folder in which nothing seems to happen is looked at in full every so many looks; each at another one of them. */
const FULL_EVERY = 10;
/** What was read is kept for the next host after this long. */
const KEEP_AFTER_MS = 3000;

/** What changed between two looks. */
export interface CatalogChange {
  readonly changed: readonly RunRecord[];
  readonly gone: readonly string[];
}

/** A folder below the runs folder as of the last full look. */
interface Folder {
  readonly place: RunPlace;
  /** Creating, renaming and deleting in a folder changes it; writing on in a file does not. */
  readonly mtimeMs: number;
  readonly isJob: boolean;
  /** Folder that may hold further jobs. */
  readonly inner: { readonly path: string; readonly shown: string } | undefined;
  /** Number of the look at which it is looked at in full whatever its time says. */
  readonly fullAt: number;
}

/** The job directories of a workspace, as they stand on disk: whoever started them, they appear by themselves. */
export class RunCatalog {
  readonly #workspace: Workspace;
  readonly #base: RecipeBase;
  readonly #snapshots: RunSnapshots;
  readonly #records = new Map<string, RunRecord>();
  /** By path below the workspace: two links to one job are two rows. */
  readonly #folders = new Map<string, Folder>();
  #looking: Promise<void> | undefined;
  #lookedMs = -Infinity;
  #nLooks = 0;
  #version = 0;
  #keeping: NodeJS.Timeout | undefined;
  #isKept = true;
  /** Version at which each run last changed, and each vanished. */
  readonly #changedAt = new Map<string, number>();
  readonly #goneAt = new Map<string, number>();

  constructor(workspace: Workspace, base: RecipeBase, snapshots: RunSnapshots) {
    this.#workspace = workspace;
    this.#base = base;
    this.#snapshots = snapshots;
  }

  /** All jobs, after a look at the disk that is at most half a second old. */
  async all(): Promise<readonly RunRecord[]> {
    await this.#look();
    return [...this.#records.values()];
  }

  /** The jobs of those ids, in their order; unknown ids are left out. Looks at the disk only for what it does not know. */
  async some(runIds: readonly string[]): Promise<readonly RunRecord[]> {
    const wanted = [...new Set(runIds)];
    const isKnown = (runId: string) => this.#records.get(runId)?.metricsPath !== undefined;
    if (!wanted.every(isKnown)) await this.#look();
    return wanted.flatMap((runId) => this.#records.get(runId) ?? []);
  }

  /** The job of that id. @throws PVLA_STUDIO_UNKNOWN */
  async get(runId: string): Promise<RunRecord> {
    let record = this.#records.get(runId);
    if (record === undefined) {
      await this.#look();
      record = this.#records.get(runId);
    }
    if (record === undefined) throw unknownItem("run", runId);
    if (await record.refresh()) this.#changed(runId, ++this.#version); // whoever follows the table hears of it too
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

  /** Keeps what was read for the next host. */
  close(): void {
    clearTimeout(this.#keeping);
    if (!this.#isKept) this.#keep();
  }

  #identity(dir: string): string {
    return isInside(this.#workspace.root, dir) ? relative(this.#workspace.root, dir) : dir;
  }

  #changed(runId: string, version: number): void {
    this.#changedAt.set(runId, version);
    this.#isKept = false;
    this.#keeping ??= setTimeout(() => this.#keep(), KEEP_AFTER_MS).unref();
  }

  #keep(): void {
    this.#isKept = true;
    const runs = new Map<string, RunSnapshot>();
    for (const { place, mtimeMs, inner } of this.#folders.values()) {
      const snapshot = this.#records
        .get(place.runId)
        ?.snapshot({ folderMtimeMs: mtimeMs, hasCells: inner !== undefined });
      if (snapshot !== undefined) runs.set(place.dir, snapshot);
    }
    this.#snapshots.write(runs);
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
    const kept = this.#nLooks === 0 ? await this.#snapshots.read() : undefined;
    const runsDir = await realpath(this.#workspace.runsDir).catch(() => undefined);
    const version = ++this.#version;
    this.#nLooks++;
    const seen = new Set<string>();
    if (runsDir !== undefined) await this.#lookInto(runsDir, "runs", 2, { looks, version, seen, kept });
    for (const [path, { place }] of this.#folders) {
      if (seen.has(path)) continue;
      this.#folders.delete(path);
      this.#forget(place.runId, version);
    }
  }

  #forget(runId: string, version: number): void {
    if (!this.#records.delete(runId)) return;
    this.#changedAt.delete(runId);
    this.#goneAt.set(runId, version);
  }

  async #lookInto(folder: string, shown: string, depth: number, look: Look): Promise<void> {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    await Promise.all(
      entries.map(async (entry) => {
        if (entry.name.startsWith(".") || !(entry.isDirectory() || entry.isSymbolicLink())) return;
        const found = await look.looks.run(() =>
          this.#lookAt(join(folder, entry.name), entry, `${shown}/${entry.name}`, look),
        );
        if (found?.inner !== undefined && depth > 1)
          await this.#lookInto(found.inner.path, found.inner.shown, depth - 1, look);
      }),
    );
  }

  /** Looks at one folder: in full where its time changed, where a job is at work, and now and then. */
  async #lookAt(
    path: string,
    entry: { readonly name: string; isSymbolicLink(): boolean },
    shown: string,
    { version, seen, kept }: Look,
  ): Promise<Folder | undefined> {
    const dir = await this.#admit(path, entry.isSymbolicLink());
    const info = dir === undefined ? undefined : await lstat(dir).catch(() => undefined);
    if (dir === undefined || info?.isDirectory() !== true) return undefined;
    seen.add(shown);
    const known = this.#folders.get(shown);
    const isSame = known?.mtimeMs === info.mtimeMs && this.#nLooks < known.fullAt;
    const snapshot = known === undefined ? kept?.get(dir) : undefined;
    const isKept = snapshot !== undefined && snapshot.folderMtimeMs === info.mtimeMs;
    const folder = isSame
      ? known
      : await this.#folder({ dir, name: entry.name, shown, mtimeMs: info.mtimeMs }, isKept ? snapshot : undefined);
    if (!isSame) this.#folders.set(shown, folder);
    const { place, isJob } = folder;
    const before = this.#records.get(place.runId);
    if (!isJob) this.#forget(place.runId, version);
    else if (before === undefined) {
      const record = new RunRecord(place, this.#base, snapshot);
      const isFresh = isKept && !record.isActive;
      if (!isFresh) await record.refresh();
      this.#records.set(place.runId, record);
      this.#goneAt.delete(place.runId);
      if (isFresh) this.#changedAt.set(place.runId, version);
      else this.#changed(place.runId, version);
    } else if ((!isSame || before.isActive || before.isStale) && (await before.refresh()))
      this.#changed(place.runId, version);
    return folder;
  }

  async #folder(
    { dir, name, shown, mtimeMs }: { dir: string; name: string; shown: string; mtimeMs: number },
    snapshot: RunSnapshot | undefined,
  ): Promise<Folder> {
    const isJob = snapshot !== undefined || (await fileInside(dir, JOB_FILES.status)) !== undefined;
    const cells = join(dir, CELLS);
    const hasCells =
      snapshot?.hasCells ?? (isJob && (await lstat(cells).catch(() => undefined))?.isDirectory() === true);
    const inner = isJob ? (hasCells ? { path: cells, shown: `${shown}/${CELLS}` } : undefined) : { path: dir, shown };
    const place = { runId: itemId(name, this.#identity(dir), 96), name, path: shown, dir };
    const first = !this.#folders.has(shown);
    const fullAt = this.#nLooks + (first ? 1 + (this.#folders.size % FULL_EVERY) : FULL_EVERY);
    return { place, mtimeMs, isJob, inner, fullAt };
  }

  async #admit(path: string, isLink: boolean): Promise<string | undefined> {
    return isLink ? this.#workspace.admit(path).catch(() => undefined) : path;
  }
}

/** One look at the disk. */
interface Look {
  readonly looks: Limiter;
  readonly version: number;
  /** Folders that are there, by path below the workspace. */
  readonly seen: Set<string>;
  /** What an earlier host knew, at the first look. */
  readonly kept: ReadonlyMap<string, RunSnapshot> | undefined;
}

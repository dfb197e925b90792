import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Commit, CommitLog } from "../pixel-dataset/commit-log.ts";

/** Changes with the columns of the index: snapshots of other versions are not looked at. */
const FOLDER = join(".pixelvla", "index-v1");
const NAME = /^episodes-(\d+)-(\d+)-([0-9a-f]{16})\.parquet$/;

/** The index as it was after some commit: one Parquet file with a row an episode. */
export interface IndexSnapshot {
  readonly path: string;
  /** Commits' episode files it holds: those numbered 0 to `nFiles - 1`. */
  readonly nFiles: number;
}

/**
 * Snapshots of the episode index beside the commits: a dataset of 160 commits opens from one file and what came after it, not from 160.
 * Derived data, safe to delete at any time. A snapshot's name carries the revision it was taken at, the number of episode files and the
 * digest of that revision's commit record, so that one of another history is never read.
 */
export class IndexSnapshots {
  readonly #log: CommitLog<unknown>;
  readonly #folder: string;

  constructor(log: CommitLog<unknown>) {
    this.#log = log;
    this.#folder = join(log.root, FOLDER);
  }

  /** The newest snapshot of this history that is not ahead of `head`; undefined where there is none. */
  async newest(head: Commit<unknown>): Promise<IndexSnapshot | undefined> {
    const names = await readdir(this.#folder).catch(() => []);
    const found = names.flatMap((name) => {
      const parts = NAME.exec(name);
      return parts === null ? [] : [{ name, revision: Number(parts[1]), nFiles: Number(parts[2]), digest: parts[3] }];
    });
    for (const { name, revision, nFiles, digest } of found.sort((a, b) => b.revision - a.revision))
      if (revision <= head.revision && (await this.#log.digest(revision)) === digest)
        return { path: join(this.#folder, name), nFiles };
    return undefined;
  }

  /**
   * Keeps a snapshot at `head`, which `write` puts into the given file, and removes the older ones. A folder that may not be written
   * costs only the next opening's time.
   */
  async keep(head: Commit<unknown>, nFiles: number, write: (path: string) => Promise<void>): Promise<void> {
    const digest = await this.#log.digest(head.revision);
    if (digest === undefined) return;
    const name = `episodes-${head.revision}-${nFiles}-${digest}.parquet`;
    const aside = join(this.#folder, `${name}.${process.pid}.tmp`);
    try {
      await mkdir(this.#folder, { recursive: true });
      await write(aside);
      await rename(aside, join(this.#folder, name));
      for (const other of await readdir(this.#folder)) {
        const revision = NAME.exec(other)?.[1];
        if (revision !== undefined && other !== name && Number(revision) <= head.revision)
          await rm(join(this.#folder, other), { force: true });
      }
    } catch {
      await rm(aside, { force: true }).catch(() => undefined);
    }
  }
}

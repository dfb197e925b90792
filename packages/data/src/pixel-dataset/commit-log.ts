import { createHash } from "node:crypto";
import { access, mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cannotWrite, damagedStore } from "./errors.ts";
import { errno, syncFolder, writeDurably } from "./durable-files.ts";
import { isWriterGone, writerIdentity } from "./writer-identity.ts";

/** One published change of a folder of files. */
export interface Commit<State> {
  /** 1, 2, 3, … without gaps. */
  readonly revision: number;
  /** ISO 8601, UTC; the epoch in reproducible stores. */
  readonly time: string;
  /** Empty in reproducible stores. */
  readonly writer: string;
  /** Paths (below the root, "/" between names) this commit put in place, in this order. */
  readonly files: readonly string[];
  /** What the next writer needs to know: counts, next file numbers. */
  readonly state: State;
}

/** A private folder in which the files of the next commit are prepared. */
export interface Transaction {
  readonly folder: string;
  /** Where to write the file that will become `root/path`; its folder exists. */
  place(path: string): Promise<string>;
  /** Throws the prepared files away. */
  discard(): Promise<void>;
}

const FOLDER = ".pixelvla";
const DAY_MS = 86_400_000;

/**
 * Lets any number of processes add files to one folder without locks (docs/adr/0010). Files are prepared aside in a
 * transaction folder; renaming that folder to `commits/<revision>` publishes it, and fails if somebody else has taken
 * the revision. A published commit's files are then moved into place, by its writer or, if that was killed, by whoever
 * comes next. A process killed at any instant leaves either nothing or a whole commit.
 */
export class CommitLog<State> {
  readonly root: string;
  readonly #commits: string;
  readonly #isReproducible: boolean;
  #applied = 0;

  /** @param options.reproducible leave time and writer out of commits, so that equal content gives equal bytes */
  constructor(root: string, options: { reproducible?: boolean | undefined } = {}) {
    this.root = root;
    this.#isReproducible = options.reproducible ?? false;
    this.#commits = join(root, FOLDER, "commits");
  }

  /**
   * Newest commit, or undefined for a folder without commits.
   *
   * @param settle whether to move its files into place if its writer was killed before it could (default true)
   */
  async head(settle = true): Promise<Commit<State> | undefined> {
    let names: string[];
    try {
      names = await readdir(this.#commits);
    } catch (error) {
      if (errno(error) === "ENOENT" || errno(error) === "ENOTDIR") return undefined;
      throw error;
    }
    const revision = names.reduce((most, name) => (/^\d{8}$/.test(name) ? Math.max(most, Number(name)) : most), 0);
    if (revision === 0) return undefined;
    const commit = await this.#read(revision);
    if (settle && revision > this.#applied) await this.#apply(commit);
    return commit;
  }

  /** Starts preparing a commit, and clears away what killed writers left. */
  async begin(): Promise<Transaction> {
    const parent = join(this.root, FOLDER);
    try {
      await mkdir(this.#commits, { recursive: true });
      await sweep(parent);
      const folder = join(parent, `txn~${writerIdentity()}`);
      await mkdir(join(folder, "files"), { recursive: true });
      return {
        folder,
        place: async (path) => {
          const target = join(folder, "files", path);
          await mkdir(dirname(target), { recursive: true });
          return target;
        },
        discard: () => rm(folder, { recursive: true, force: true }),
      };
    } catch (cause) {
      throw cannotWrite(parent, cause);
    }
  }

  /**
   * Publishes a transaction as the commit after `base` and moves its files into place. Every file must already be on
   * the disk (fsync).
   *
   * @param base revision the transaction was prepared for, 0 for an empty folder
   * @param files order in which to move them; what tells readers about the others comes last
   * @returns the commit, or undefined when another writer was faster: prepare again for the new `head()`
   * @throws PVLA_PIXELS_WRITE
   */
  async publish(
    txn: Transaction,
    base: number,
    files: readonly string[],
    state: State,
  ): Promise<Commit<State> | undefined> {
    const revision = base + 1;
    const commit: Commit<State> = {
      revision,
      time: this.#isReproducible ? new Date(0).toISOString() : new Date().toISOString(),
      writer: this.#isReproducible ? "" : (txn.folder.split("txn~")[1] ?? ""),
      files,
      state,
    };
    await writeDurably(join(txn.folder, "commit.json"), JSON.stringify(commit));
    for (const folder of new Set(files.map((path) => dirname(join(txn.folder, "files", path)))))
      await syncFolder(folder);
    await syncFolder(txn.folder);
    try {
      await rename(txn.folder, this.#folder(revision)); // a folder that is taken is not empty: the rename fails
    } catch (cause) {
      if (["ENOTEMPTY", "EEXIST", "EPERM"].includes(errno(cause) ?? "") && (await exists(this.#folder(revision))))
        return undefined;
      throw cannotWrite(this.#folder(revision), cause);
    }
    await syncFolder(this.#commits);
    await this.#apply(commit);
    return commit;
  }

  /** The commits after `revision`, oldest first. */
  async since(revision: number): Promise<Commit<State>[]> {
    const head = await this.head();
    const commits: Commit<State>[] = [];
    for (let r = revision + 1; r <= (head?.revision ?? 0); r++) commits.push(await this.#read(r));
    return commits;
  }

  /** Sixteen hexadecimal digits of SHA-256 over a revision's record, by which derived files know their history; undefined where it cannot be read. */
  async digest(revision: number): Promise<string | undefined> {
    const record = await readFile(join(this.#folder(revision), "commit.json")).catch(() => undefined);
    return record && createHash("sha256").update(record).digest("hex").slice(0, 16);
  }

  #folder(revision: number): string {
    return join(this.#commits, String(revision).padStart(8, "0"));
  }

  async #read(revision: number): Promise<Commit<State>> {
    const file = join(this.#folder(revision), "commit.json");
    let text: string;
    try {
      text = await readFile(file, "utf8");
    } catch (cause) {
      throw damagedStore(file, `it cannot be read (${(cause as Error).message})`);
    }
    try {
      const commit = JSON.parse(text) as Commit<State>;
      if (commit.revision === revision && Array.isArray(commit.files) && commit.files.every(isPlainPath)) return commit;
    } catch {
      // Reported below: no JSON and wrong JSON are the same to the user.
    }
    throw damagedStore(file, "no record of a commit");
  }

  /** Moves a commit's files into place. Safe to do twice and by several processes at once: each file moves only once. */
  async #apply(commit: Commit<State>): Promise<void> {
    const aside = join(this.#folder(commit.revision), "files");
    if (await exists(aside)) {
      for (const path of commit.files) {
        const target = join(this.root, path);
        try {
          await mkdir(dirname(target), { recursive: true });
          await rename(join(aside, path), target);
        } catch (cause) {
          if (errno(cause) !== "ENOENT") throw cannotWrite(target, cause);
          if (!(await exists(target)))
            throw damagedStore(target, `it is missing, commit ${commit.revision} has put it there`);
        }
      }
      for (const folder of new Set(commit.files.map((path) => dirname(join(this.root, path)))))
        await syncFolder(folder);
      await rm(aside, { recursive: true, force: true });
    }
    this.#applied = commit.revision;
  }
}

/** Removes transactions of writers that are gone; those of other machines after a week. */
async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith("txn~")) continue;
    const folder = join(parent, name);
    const gone = isWriterGone(name.slice(4)) || (await ageMs(folder)) > 7 * DAY_MS;
    if (gone) await rm(folder, { recursive: true, force: true });
  }
}

async function ageMs(path: string): Promise<number> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch {
    return 0; // vanished meanwhile: published by its writer
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

/** Commits are data from a disk: paths that leave the root are refused. */
const isPlainPath = (path: unknown): boolean =>
  typeof path === "string" &&
  !path.startsWith("/") &&
  !path.includes("\\") &&
  path.split("/").every((part) => part !== ".." && part !== "");

import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { open, rm, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { badGzip, missingFile } from "../errors.ts";
import type { Shard } from "./dataset-info.ts";
import { sniffRecordFile, type RecordFile } from "./tfrecord.ts";

/** Enough for a mixture of shuffled shards, far below any descriptor limit. */
const MAX_OPEN = 64;

interface Entry {
  readonly file: Promise<RecordFile>;
  users: number;
  inflated: string | undefined;
}

/** Keeps the most recently used shard files open. A gzipped shard is inflated once to a temporary file. */
export class RecordFilePool {
  readonly #entries = new Map<string, Entry>();

  /** Runs `use` with the shard's open file. @throws PVLA_DATA_MISSING_FILE, PVLA_DATA_LFS_POINTER */
  async with<T>(shard: Shard, use: (file: RecordFile) => Promise<T>): Promise<T> {
    const entry = this.#entry(shard);
    entry.users++;
    try {
      return await use(await entry.file);
    } catch (error) {
      if (this.#entries.get(shard.path) === entry && (await isRejected(entry.file))) this.#entries.delete(shard.path);
      throw error;
    } finally {
      entry.users--;
      await this.#trim(MAX_OPEN);
    }
  }

  async close(): Promise<void> {
    await this.#trim(0);
  }

  #entry(shard: Shard): Entry {
    const known = this.#entries.get(shard.path);
    this.#entries.delete(shard.path);
    const entry: Entry = known ?? {
      file: openShard(shard, (path) => (entry.inflated = path)),
      users: 0,
      inflated: undefined,
    };
    this.#entries.set(shard.path, entry); // moves it to the young end
    return entry;
  }

  async #trim(limit: number): Promise<void> {
    for (const [path, entry] of this.#entries) {
      if (this.#entries.size <= limit) return;
      if (entry.users > 0) continue;
      this.#entries.delete(path);
      const file = await entry.file.catch(() => undefined);
      await file?.handle.close();
      if (entry.inflated !== undefined) await rm(entry.inflated, { force: true });
    }
  }
}

async function openShard(shard: Shard, onInflated: (path: string) => void): Promise<RecordFile> {
  const file = await openFile(shard.path, shard.file);
  try {
    if ((await sniffRecordFile(file)) === "plain") return file;
  } catch (error) {
    await file.handle.close();
    throw error;
  }
  await file.handle.close();
  const path = join(tmpdir(), `pixelvla-${randomUUID()}.tfrecord`);
  onInflated(path);
  try {
    await pipeline(createReadStream(shard.path), createGunzip(), createWriteStream(path, { flags: "wx" }));
  } catch (cause) {
    await rm(path, { force: true });
    throw String((cause as NodeJS.ErrnoException).code).startsWith("Z_") ? badGzip(shard.file, cause) : cause;
  }
  return openFile(path, `${shard.file} (inflated)`);
}

async function openFile(path: string, name: string): Promise<RecordFile> {
  const handle: FileHandle = await open(path, "r").catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT")
      throw missingFile(name, "though dataset_info.json lists it");
    throw cause;
  });
  return { handle, name, sizeBytes: (await handle.stat()).size };
}

const isRejected = (promise: Promise<unknown>) =>
  promise.then(
    () => false,
    () => true,
  );

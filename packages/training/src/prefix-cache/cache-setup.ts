import { homedir } from "node:os";
import { join } from "node:path";
import type { BoundaryTensor } from "./cut-prefix.ts";
import { DiskStore } from "./disk-store.ts";
import type { CacheDType } from "./row-codec.ts";
import { MemoryStore, type RowStore } from "./row-store.ts";

/** What a worker needs in order to look samples up; plain data, so it crosses threads. */
export interface CacheSetup {
  /** See `programKey`. */
  readonly program: string;
  /** Inputs of the prefix: elements of one sample by name. */
  readonly inputs: Readonly<Record<string, number>>;
  readonly boundary: readonly BoundaryTensor[];
  readonly dtype: CacheDType;
  readonly where: "disk" | "memory";
  /** Folder of all rows on disk. */
  readonly root: string;
  readonly maxBytes: number;
}

/** Folder of the cache where the recipe names none: `pixelvla/prefix` in the user's cache folder. */
export function defaultCacheFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  return join(environment["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "pixelvla", "prefix");
}

export function openStore({ where, root, program, maxBytes }: CacheSetup, rowBytes: number): RowStore {
  return where === "memory" ? new MemoryStore(maxBytes) : new DiskStore({ root, program, rowBytes, maxBytes });
}

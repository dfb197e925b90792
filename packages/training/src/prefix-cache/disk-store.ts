import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { makeRoom } from "./make-room.ts";
import type { RowStore, StoreReport } from "./row-store.ts";
import { Segment, SEGMENT_SUFFIX } from "./segment.ts";

export interface DiskStoreOptions {
  /** Folder of all programs' rows; made when it is not there. */
  readonly root: string;
  /** Which program's rows these are: the name of a folder below the root. */
  readonly program: string;
  readonly rowBytes: number;
  /** Bound on everything below the root. */
  readonly maxBytes: number;
  /** Milliseconds since 1970; for tests. */
  readonly now?: () => number;
}

/** Segments a full cache consists of, at least: what is dropped at a time is a small part of it. */
const SEGMENTS_IN_BOUND = 32;
const LARGEST_SEGMENT_BYTES = 256 * 2 ** 20;
/** How often other runs' new rows are looked for, and whether the own files are still there. */
const LOOK_AGAIN_MS = 5000;
const HEAD_ROOM = 64;

/**
 * Keeps rows in segment files, shared by any number of runs at once. Any file may be damaged, cut off or removed at any time: what it
 * held is computed anew.
 */
export class DiskStore implements RowStore {
  readonly #options: DiskStoreOptions;
  readonly #folder: string;
  readonly #now: () => number;
  readonly #rowsPerSegment: number;
  readonly #segments = new Map<string, Segment>();
  readonly #index = new Map<string, { readonly segment: Segment; readonly slot: number }>();
  readonly #buffer: Buffer<ArrayBuffer>;
  #writing: Segment | undefined;
  #lookedMs = -Infinity;
  #closedBecause: string | undefined;
  #damaged = 0;

  constructor(options: DiskStoreOptions) {
    this.#options = options;
    this.#folder = join(options.root, options.program);
    this.#now = options.now ?? Date.now;
    const largest = Math.min(LARGEST_SEGMENT_BYTES, options.maxBytes / SEGMENTS_IN_BOUND);
    this.#rowsPerSegment = Math.max(1, Math.floor(largest / Segment.bytesFor(options.rowBytes, 1)));
    this.#buffer = Buffer.from(new ArrayBuffer(options.rowBytes + HEAD_ROOM));
    this.#look();
  }

  get(key: string): Uint8Array<ArrayBuffer> | undefined {
    let found = this.#index.get(key);
    if (found === undefined && this.#now() - this.#lookedMs > LOOK_AGAIN_MS) {
      this.#look();
      found = this.#index.get(key);
    }
    if (found === undefined) return undefined;
    const row = tried(() => found.segment.read(found.slot, key, this.#buffer));
    if (row === undefined) {
      this.#damaged++;
      this.#index.delete(key);
    } else found.segment.touch(this.#now());
    return row;
  }

  put(key: string, row: Uint8Array<ArrayBuffer>): void {
    if (this.#closedBecause !== undefined || this.#index.has(key)) return;
    try {
      const segment = this.#segmentToFill();
      if (segment === undefined) return;
      this.#index.set(key, { segment, slot: segment.append(key, row) });
      segment.touch(this.#now());
    } catch (error) {
      this.#closedBecause = `writing to ${this.#folder} failed: ${(error as Error).message}`;
    }
  }

  report(): StoreReport {
    const rows = this.#index.size;
    const bytes = Segment.bytesFor(this.#options.rowBytes, rows);
    return { rows, bytes, closedBecause: this.#closedBecause, damaged: this.#damaged };
  }

  close(): void {
    for (const segment of this.#segments.values()) tried(() => segment.close(segment === this.#writing));
    this.#segments.clear();
    this.#index.clear();
  }

  #segmentToFill(): Segment | undefined {
    if (this.#writing !== undefined && !this.#writing.isFull) return this.#writing;
    const { root, rowBytes, maxBytes } = this.#options;
    const bytes = Segment.bytesFor(rowBytes, this.#rowsPerSegment);
    mkdirSync(this.#folder, { recursive: true });
    if (!makeRoom(root, bytes, { maxBytes, own: new Set(this.#segments.keys()), nowMs: this.#now() })) {
      this.#closedBecause = `${root} holds all that training.cache.maxGb allows and every part of it is in use`;
      return undefined;
    }
    this.#writing = Segment.create(this.#folder, rowBytes, this.#rowsPerSegment);
    this.#segments.set(this.#writing.path, this.#writing);
    return this.#writing;
  }

  /** Forgets segments that are gone, opens new ones, and reads the heads of rows that were added. */
  #look(): void {
    this.#lookedMs = this.#now();
    for (const [path, segment] of this.#segments) {
      if (segment.isThere) continue;
      this.#segments.delete(path);
      for (const [key, place] of this.#index) if (place.segment === segment) this.#index.delete(key);
      if (segment === this.#writing) this.#writing = undefined;
      tried(() => segment.close(false));
    }
    for (const name of tried(() => readdirSync(this.#folder)) ?? []) {
      const path = join(this.#folder, name);
      if (!name.endsWith(SEGMENT_SUFFIX) || this.#segments.has(path)) continue;
      const segment = tried(() => Segment.open(path, this.#options.rowBytes));
      if (segment !== undefined) this.#segments.set(path, segment);
    }
    for (const segment of this.#segments.values())
      if (segment !== this.#writing)
        tried(() => {
          for (const { key, slot } of segment.newKeys()) this.#index.set(key, { segment, slot });
        });
  }
}

/** Undefined where the file system refuses: for a cache that is the same as absent. */
function tried<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

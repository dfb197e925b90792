import { readdirSync, statSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { SEGMENT_SUFFIX } from "./segment.ts";

/** A segment that was read or written in this time belongs to a run at work and stays. */
const IN_USE_MS = 120_000;

interface FoundSegment {
  readonly path: string;
  readonly bytes: number;
  readonly usedMs: number;
}

/** Every segment below the cache's root, of all programs. */
export function listSegments(root: string): FoundSegment[] {
  const found: FoundSegment[] = [];
  for (const folder of namesIn(root))
    for (const file of namesIn(join(root, folder))) {
      if (!file.endsWith(SEGMENT_SUFFIX)) continue;
      const path = join(root, folder, file);
      const info = statSync(path, { throwIfNoEntry: false });
      if (info !== undefined) found.push({ path, bytes: info.size, usedMs: info.mtimeMs });
    }
  return found;
}

/**
 * Drops the least recently used segments until `bytes` more fit under `maxBytes`. Segments of `own` and those of runs at work stay.
 * Returns whether there is room now.
 */
export function makeRoom(
  root: string,
  bytes: number,
  { maxBytes, own, nowMs }: { maxBytes: number; own: ReadonlySet<string>; nowMs: number },
): boolean {
  const segments = listSegments(root);
  let total = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  const droppable = segments
    .filter(({ path, usedMs }) => !own.has(path) && nowMs - usedMs > IN_USE_MS)
    .sort((a, b) => a.usedMs - b.usedMs);
  for (const segment of droppable) {
    if (total + bytes <= maxBytes) break;
    try {
      unlinkSync(segment.path);
      total -= segment.bytes;
    } catch {
      // Another process dropped it, or it may not be removed: the sum below decides.
    }
  }
  return total + bytes <= maxBytes;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // not there yet, removed meanwhile, or no folder
  }
}

import { lstat as lstatWithCallback } from "node:fs";
import { open, realpath, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { isInside } from "../workspace.ts";

/** As of `node:fs/promises`, at half its price: a look at 1,000 runs is some thousand of them. */
export const lstat = promisify(lstatWithCallback);

/** What a poll compares to see whether a file changed. */
export interface FileMark {
  readonly sizeBytes: number;
  readonly mtimeMs: number;
}

/**
 * Path of a file of a job directory if it really lies in there: a job directory is written by others, and a link from it to somewhere
 * else is treated as absent.
 */
export async function fileInside(
  dir: string,
  name: string,
): Promise<{ readonly path: string; readonly mark: FileMark } | undefined> {
  const path = join(dir, name);
  const info = await lstat(path).catch(() => undefined);
  if (info === undefined) return undefined;
  if (info.isFile()) return { path, mark: { sizeBytes: info.size, mtimeMs: info.mtimeMs } };
  if (!info.isSymbolicLink()) return undefined;
  const target = await realpath(path).catch(() => undefined);
  if (target === undefined || !isInside(dir, target)) return undefined;
  const real = await lstat(target);
  return real.isFile() ? { path: target, mark: { sizeBytes: real.size, mtimeMs: real.mtimeMs } } : undefined;
}

/** Bytes [start, end) of a file, cut where it ends. */
export async function readWindow(path: string, start: number, end: number): Promise<Buffer> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, "r");
    const bytes = Buffer.alloc(Math.max(0, end - start));
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    await file?.close();
  }
}

/** The last whole JSON line of a file; undefined where there is none in its last 16 KiB. */
export async function lastJsonLine(path: string, sizeBytes: number): Promise<Record<string, unknown> | undefined> {
  const text = (await readWindow(path, Math.max(0, sizeBytes - 16_384), sizeBytes)).toString("utf8");
  const lines = text.split("\n").slice(0, -1);
  for (const line of lines.reverse()) {
    try {
      const row: unknown = JSON.parse(line);
      if (row !== null && typeof row === "object") return row as Record<string, unknown>;
    } catch {
      continue; // cut in the middle by a kill
    }
  }
  return undefined;
}

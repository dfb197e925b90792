import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** Makes a finished rename or a new file name survive a power cut. File systems that cannot sync a folder are let be. */
export function syncFolder(dir: string): void {
  let fd: number;
  try {
    fd = openSync(dir, "r");
  } catch {
    return; // Windows refuses to open folders; its renames are journalled.
  }
  try {
    fsyncSync(fd);
  } catch {
    // Network file systems may refuse; the rename itself is still atomic there.
  } finally {
    closeSync(fd);
  }
}

/**
 * Replaces `file` whole: a reader sees the old content or the new, never a part. With `durable` the content is on the
 * device before the name changes.
 */
export function writeFileAtomic(file: string, content: string | Uint8Array, { durable = false } = {}): void {
  const aside = `${file}.tmp-${process.pid}`;
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  try {
    const fd = openSync(aside, "w");
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
      if (durable) fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(aside, file);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
  if (durable) syncFolder(dirname(file));
}

import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { cannotWrite } from "./errors.ts";

/** Writes a whole file and waits until it is on the disk. @throws PVLA_PIXELS_WRITE */
export async function writeDurably(path: string, content: Uint8Array | string): Promise<void> {
  try {
    const file = await open(path, "w");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

/** Replaces a file in one step: readers see the old content or the new, never a part. @throws PVLA_PIXELS_WRITE */
export async function replaceDurably(path: string, content: Uint8Array | string): Promise<void> {
  const aside = `${path}.${process.pid}.${Date.now().toString(36)}.tmp`;
  await writeDurably(aside, content);
  try {
    await rename(aside, path);
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
  await syncFolder(dirname(path));
}

/** Waits until a file or a folder's entries are on the disk. Windows cannot open folders: nothing to do there. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } catch (cause) {
    // Some network file systems refuse to sync folders; their rename is synchronous already.
    if (!["EINVAL", "ENOTSUP", "EBADF"].includes((cause as NodeJS.ErrnoException).code ?? ""))
      throw cannotWrite(path, cause);
  } finally {
    await folder.close();
  }
}

/** Waits until a file's bytes are on the disk. @throws PVLA_PIXELS_WRITE */
export async function syncFile(path: string): Promise<void> {
  try {
    const file = await open(path, "r+");
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

/** The `code` of a Node file error, or undefined. */
export const errno = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;

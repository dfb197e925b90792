import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { badMetadata, lfsPointer, missingFile } from "./errors.ts";

/** Reads a UTF-8 text file of metadata. @throws PVLA_DATA_MISSING_FILE, PVLA_DATA_LFS_POINTER */
export async function readText(path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT")
      throw missingFile(path, `which is part of every such dataset`);
    throw badMetadata(path, cause instanceof Error ? cause.message : String(cause));
  });
  if (text.startsWith("version https://git-lfs")) throw lfsPointer(path);
  return text;
}

/** Reads and parses a JSON file. @throws PVLA_DATA_METADATA with the parser's position, and as `readText` */
export async function readJson(path: string): Promise<unknown> {
  return parseJson(await readText(path), basename(path));
}

/** Parses JSON text that came from `file`; accepts the NaN and Infinity that Python writes. */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    try {
      return JSON.parse(text.replace(/(?<=[[:,]\s*)-?(?:NaN|Infinity)(?=\s*[,\]}])/g, "null"));
    } catch {
      throw badMetadata(file, `no valid JSON: ${cause instanceof Error ? cause.message : String(cause)}`, {}, cause);
    }
  }
}

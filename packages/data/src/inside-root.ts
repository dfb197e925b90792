import { isAbsolute, join, normalize } from "node:path";
import { unsafePath } from "./errors.ts";

/**
 * Joins a path from a dataset's metadata to its root, refusing what would leave the root. Symbolic links are followed
 * later, on purpose: the Hugging Face cache is made of them.
 *
 * @throws PVLA_DATA_UNSAFE_PATH
 */
export function insideRoot(root: string, relative: string, metadataFile: string): string {
  const clean = normalize(relative);
  const leaves = clean === ".." || clean.startsWith("../") || clean.startsWith("..\\");
  if (isAbsolute(relative) || leaves || relative.includes("\0") || /^[a-zA-Z]:[\\/]/.test(relative) || relative === "")
    throw unsafePath(metadataFile, relative);
  return join(root, clean);
}

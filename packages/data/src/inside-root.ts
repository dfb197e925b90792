import { isAbsolute, join, posix } from "node:path";
import { unsafePath } from "./errors.ts";

/**
 * Joins a path from a dataset's metadata to its root, refusing what would leave the root. Symbolic links are followed
 * later, on purpose: the Hugging Face cache is made of them.
 *
 * @throws PVLA_DATA_UNSAFE_PATH
 */
export function insideRoot(root: string, relative: string, metadataFile: string): string {
  const clean = posix.normalize(relative);
  const leaves = clean.split("/").includes("..") || isAbsolute(relative);
  // A backslash separates folders on some systems and is in no published dataset's names.
  if (leaves || relative === "" || /[\0\\]|^[a-zA-Z]:/.test(relative)) throw unsafePath(metadataFile, relative);
  return join(root, clean);
}

import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** Folders whose direct files stand for a dataset's content, besides the root itself. */
const LOOKED_AT = ["", "meta", "meta/episodes", "meta/episodes/chunk-000"];

/** A short hash of names, sizes and times of a dataset's metadata and top-level files: changes when the dataset is written again. */
export async function datasetRevision(root: string): Promise<string> {
  const hash = createHash("sha256");
  for (const folder of LOOKED_AT) {
    const names = await readdir(join(root, folder)).catch((): string[] => []);
    for (const name of names.sort().slice(0, 5000)) {
      const info = await stat(join(root, folder, name)).catch(() => undefined);
      if (info?.isFile() === true) hash.update(`${folder}/${name}:${info.size}:${Math.round(info.mtimeMs)}\n`);
    }
  }
  return hash.digest("hex").slice(0, 12);
}

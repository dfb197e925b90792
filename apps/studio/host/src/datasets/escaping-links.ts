import { readdir, realpath } from "node:fs/promises";
import { join, relative } from "node:path";
import { escapingLink } from "../errors.ts";
import type { Workspace } from "../workspace.ts";

/**
 * Walks a dataset and refuses it if a symbolic link in it leads outside what the studio may read: the readers follow links
 * (the Hugging Face cache is made of them), so this is where they are held in. Folders behind allowed links are not walked twice.
 *
 * @throws PVLA_STUDIO_LINK
 */
export async function refuseEscapingLinks(root: string, name: string, workspace: Workspace): Promise<void> {
  const seen = new Set<string>([root]);
  const folders = [root];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(path);
      if (!entry.isSymbolicLink()) continue;
      const target = await realpath(path).catch(() => undefined);
      if (target === undefined) continue; // leads nowhere: the reader will say which file is missing
      if (!(await workspace.allows(target))) throw escapingLink(name, relative(root, path));
      if (!seen.has(target)) {
        seen.add(target);
        await readdir(target).then(
          () => folders.push(target),
          () => undefined, // a file
        );
      }
    }
  }
}

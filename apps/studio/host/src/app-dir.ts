import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Folder of the built page; undefined where the page is not installed or not built. */
export function findAppDir(): string | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve("@pixelvla/studio-renderer/package.json");
    const dir = join(dirname(manifest), "dist");
    return existsSync(join(dir, "index.html")) ? dir : undefined;
  } catch {
    return undefined;
  }
}

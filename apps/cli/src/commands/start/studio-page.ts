import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Progress } from "../../terminal/progress.ts";

const run = promisify(execFile);

/**
 * Builds the studio's page in a checkout that has not been built yet, so that `npm ci && npm start` can end by showing it. Returns
 * whether there is a page now.
 */
export async function ensureStudioPage(progress: Progress): Promise<boolean> {
  const { findAppDir } = await import("@pixelvla/studio-host");
  if (findAppDir() !== undefined) return true;
  const require = createRequire(import.meta.url);
  let folder: string;
  let vite: string;
  try {
    folder = join(dirname(require.resolve("@pixelvla/studio-host/package.json")), "..", "renderer");
    vite = join(dirname(require.resolve("vite/package.json")), "bin", "vite.js");
  } catch {
    return false; // an installed package without the studio or without its build tools
  }
  if (!existsSync(join(folder, "src"))) return false;
  progress.line("building the studio's page, once");
  await run(process.execPath, [vite, "build"], { cwd: folder, env: { ...process.env, NODE_OPTIONS: "" } });
  return findAppDir() !== undefined;
}

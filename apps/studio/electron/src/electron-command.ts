import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** What the window is to show. */
export interface WindowRequest {
  readonly workspace: string;
  readonly datasets: readonly string[];
  /** Program and first arguments of the `pixelvla` command: the window starts its host with it. */
  readonly pixelvla: readonly string[];
}

/** How to start the window. */
export interface ElectronCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Electron's binary if it is on disk. Asks the file that Electron's own installer leaves, never the package itself, which may try to
 * download what is missing.
 */
export function findElectron(): string | undefined {
  const named = process.env["ELECTRON_OVERRIDE_DIST_PATH"];
  try {
    const folder = dirname(createRequire(import.meta.url).resolve("electron/package.json"));
    const inside = readFileSync(join(folder, "path.txt"), "utf8").trim();
    const binary = join(named ?? join(folder, "dist"), inside);
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}

/** How to open the desktop window on a workspace; undefined where Electron's binary or the built main process is missing. */
export function electronCommand({ workspace, datasets, pixelvla }: WindowRequest): ElectronCommand | undefined {
  const program = findElectron();
  const appFolder = fileURLToPath(new URL("..", import.meta.url));
  if (program === undefined || !existsSync(join(appFolder, "dist", "main.js"))) return undefined;
  return {
    program,
    args: [appFolder],
    env: { PIXELVLA_STUDIO: JSON.stringify({ workspace, datasets, pixelvla }) },
  };
}

import { realpathSync } from "node:fs";
import { readdir, realpath } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";
import { noWorkspace, outsideWorkspace } from "./errors.ts";

/** Folder of the studio's own files in a workspace. */
export const STUDIO_DIR = ".pixelvla";

/**
 * The folders the studio may touch: the workspace, what its `runs`, `datasets` and `recipes` folders are links to, what is linked directly
 * into `datasets/`, and the datasets named at the start. Everything from outside goes through `resolve`.
 */
export class Workspace {
  /** Real path of the workspace. */
  readonly root: string;
  /** Real paths of the datasets named at the start. */
  readonly namedDatasets: readonly string[];

  /** @throws PVLA_STUDIO_WORKSPACE when a folder is missing */
  constructor(root: string, namedDatasets: readonly string[] = []) {
    this.root = real(root);
    this.namedDatasets = namedDatasets.map(real);
  }

  get runsDir(): string {
    return join(this.root, "runs");
  }
  get datasetsDir(): string {
    return join(this.root, "datasets");
  }
  get recipesDir(): string {
    return join(this.root, "recipes");
  }
  /** Caches and indices; safe to delete. */
  get cacheDir(): string {
    return join(this.root, STUDIO_DIR, "cache");
  }

  /**
   * Real path of `path`, which is relative to the workspace, `/`-separated.
   * @throws PVLA_STUDIO_OUTSIDE for a path that is absolute, climbs out, or leads out through a link; also for one that does not exist
   */
  async resolve(path: string): Promise<string> {
    if (isUnsafe(path)) throw outsideWorkspace(path);
    return this.#admit(join(this.root, path), path);
  }

  /** Real path of `absolute` if it lies in an allowed folder. @throws PVLA_STUDIO_OUTSIDE */
  async admit(absolute: string): Promise<string> {
    return this.#admit(absolute, relative(this.root, absolute));
  }

  async #admit(absolute: string, shown: string): Promise<string> {
    const target = await realpath(absolute).catch(() => undefined);
    if (target === undefined || !(await this.allows(target))) throw outsideWorkspace(shown);
    return target;
  }

  /** Whether the real path `target` lies in an allowed folder. */
  async allows(target: string): Promise<boolean> {
    if (isInside(this.root, target) || this.namedDatasets.some((dir) => isInside(dir, target))) return true;
    return (await this.#linkedRoots()).some((dir) => isInside(dir, target));
  }

  async #linkedRoots(): Promise<string[]> {
    const linked = (await readdir(this.datasetsDir, { withFileTypes: true }).catch(() => []))
      .filter((entry) => entry.isSymbolicLink())
      .map((entry) => join(this.datasetsDir, entry.name));
    const roots = await Promise.all(
      [this.runsDir, this.datasetsDir, this.recipesDir, ...linked].map((dir) => realpath(dir).catch(() => undefined)),
    );
    return roots.filter((dir) => dir !== undefined);
  }
}

/** Whether `path` is `dir` or below it. Both are real paths. */
export function isInside(dir: string, path: string): boolean {
  const rest = relative(dir, path);
  return rest === "" || (rest !== ".." && !rest.startsWith(`..${sep}`) && !isAbsolute(rest));
}

/** Whether a relative path could climb out before links are looked at. */
function isUnsafe(path: string): boolean {
  return isAbsolute(path) || /[\0\\]/.test(path) || /^[A-Za-z]:/.test(path) || path.split("/").includes("..");
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    throw noWorkspace(path, error);
  }
}

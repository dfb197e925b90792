import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** A repository of the model hub. */
export interface ModelRepo {
  /** `OWNER/NAME`. */
  readonly repo: string;
  /** Branch, tag or commit; undefined for the newest of `main`. */
  readonly revision: string | undefined;
}

/** Reads `OWNER/NAME[@REVISION]`, with or without `hf://`; undefined for anything else. */
export function parseModelRepo(text: string): ModelRepo | undefined {
  const match = /^(?:hf:\/\/)?([\w-][\w.-]*\/[\w-][\w.-]*)(?:@([\w./-]+))?$/.exec(text);
  if (match === null || match[2]?.includes("..")) return undefined;
  return { repo: match[1]!, revision: match[2] };
}

/** Where pulled models lie: `PIXELVLA_MODELS`, else `pixelvla/models` in the user's cache folder. */
export function modelsFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const cache = environment["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  return environment["PIXELVLA_MODELS"] ?? join(cache, "pixelvla", "models");
}

/** Folder of a pulled repository; a named revision has its own beside the newest. */
export function modelFolder({ repo, revision }: ModelRepo, root = modelsFolder()): string {
  return join(root, revision === undefined ? repo : `${repo}@${revision.replaceAll("/", "_")}`);
}

/**
 * Where the model a recipe names lies: the path itself where there is something, else the folder it was pulled into, else
 * the snapshot in the cache of Hugging Face's own tools; the text unchanged where there is none of them.
 */
export function resolveModel(pathOrRepo: string, environment: NodeJS.ProcessEnv = process.env): string {
  if (existsSync(pathOrRepo)) return pathOrRepo;
  const repo = parseModelRepo(pathOrRepo);
  if (repo === undefined) return pathOrRepo;
  const pulled = modelFolder(repo, modelsFolder(environment));
  return existsSync(pulled) ? pulled : (hubSnapshot(repo, environment) ?? pathOrRepo);
}

/** `models--OWNER--NAME/snapshots/COMMIT` of the Python tools' cache. */
function hubSnapshot({ repo, revision = "main" }: ModelRepo, environment: NodeJS.ProcessEnv): string | undefined {
  const home =
    environment["HF_HOME"] ?? join(environment["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "huggingface");
  const folder = join(environment["HF_HUB_CACHE"] ?? join(home, "hub"), `models--${repo.replace("/", "--")}`);
  const reference = join(folder, "refs", revision);
  const commit = existsSync(reference) ? readFileSync(reference, "utf8").trim() : revision;
  const snapshot = join(folder, "snapshots", commit);
  return /^[0-9a-f]{40}$/.test(commit) && existsSync(snapshot) ? snapshot : undefined;
}

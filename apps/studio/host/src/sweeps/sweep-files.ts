import { readFile, readdir, realpath } from "node:fs/promises";
import { extname, join } from "node:path";
import type { SweepFile } from "@pixelvla/studio-contract";
import { loadSweep } from "@pixelvla/sweeps";
import { unknownItem } from "../errors.ts";
import { asProblem } from "../problem.ts";
import { isInside, type Workspace } from "../workspace.ts";

/** A sweep file that was found in one of the two folders. */
export interface FoundSweep {
  readonly item: SweepFile;
  readonly file: string;
}

/** Sweep files below `sweeps/` of the shipped recipes and of the workspace's; one of the workspace hides a shipped one of the same name. */
export async function findSweeps(workspace: Workspace, builtinDir: string | undefined): Promise<FoundSweep[]> {
  const builtin = builtinDir === undefined ? [] : await sweepsIn(join(builtinDir, "sweeps"), "built in");
  const own = await sweepsIn(join(workspace.recipesDir, "sweeps"), "workspace");
  const byName = new Map([...builtin, ...own].map((found) => [found.item.name, found]));
  return [...byName.values()].sort((a, b) => a.item.name.localeCompare(b.item.name, "en", { numeric: true }));
}

/** The sweep of exactly that name: names are looked up, never joined to a path. @throws PVLA_STUDIO_UNKNOWN */
export async function findSweep(
  workspace: Workspace,
  builtinDir: string | undefined,
  name: string,
): Promise<FoundSweep> {
  const sweeps = await findSweeps(workspace, builtinDir);
  const found = sweeps.find(({ item }) => item.name === name);
  if (found !== undefined) return found;
  throw unknownItem(
    "sweep",
    name,
    sweeps.map(({ item }) => item.name),
  );
}

async function sweepsIn(folder: string, source: SweepFile["source"]): Promise<FoundSweep[]> {
  const root = await realpath(folder).catch(() => undefined);
  if (root === undefined) return [];
  const names = (await readdir(root)).filter((name) => !name.startsWith(".") && /\.ya?ml$/.test(name));
  const found = await Promise.all(
    names.map(async (name): Promise<FoundSweep[]> => {
      const file = await realpath(join(root, name)).catch(() => undefined);
      if (file === undefined || !isInside(root, file)) return []; // a link that leads out
      return [{ file, item: await readSweep(file, name.slice(0, -extname(name).length), source) }];
    }),
  );
  return found.flat();
}

async function readSweep(file: string, name: string, source: SweepFile["source"]): Promise<SweepFile> {
  try {
    const { sweep } = loadSweep(file);
    const { title, description, families, arms, evaluations, seeds, evaluation } = sweep;
    return {
      name,
      title,
      description,
      source,
      families: Object.keys(families),
      arms: arms.map((arm) => arm.name),
      evaluations: evaluations.map((one) => one.name),
      seeds,
      episodes: evaluation.episodes,
      text: await readFile(file, "utf8"),
    };
  } catch (error) {
    const nothing = { families: [], arms: [], evaluations: [], seeds: [], episodes: 0, text: "" };
    return { name, title: name, description: "", source, ...nothing, problem: asProblem(error) };
  }
}

import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { stringify } from "yaml";
import { cannotLaunch } from "../errors.ts";
import { STUDIO_DIR, type Workspace } from "../workspace.ts";
import { textAt, valueAt } from "./config-tree.ts";
import type { RunRecord } from "./run-record.ts";

/** What a run was trained from, ready to be started again. */
export interface CloneSource {
  readonly recipeFile: string;
  readonly dataset: string;
}

/**
 * Writes a run's recipe, as it was after all changes, to a file of the studio's own folder that keeps the original's name.
 * @throws PVLA_STUDIO_LAUNCH when the run's configuration holds no recipe, or its dataset lies outside what this studio may read
 */
export async function cloneSource({ config, place }: RunRecord, workspace: Workspace): Promise<CloneSource> {
  const recipe = valueAt(config, "recipe");
  const dataset = textAt(config, "dataset");
  if (recipe === null || typeof recipe !== "object" || dataset === undefined)
    throw cannotLaunch(`${place.path} holds no training recipe`, "Only training runs can be cloned");
  if (
    !(await workspace.admit(dataset).then(
      () => true,
      () => false,
    ))
  )
    throw cannotLaunch(
      "the run's dataset lies outside this workspace",
      "Link the dataset into datasets/ and launch the recipe on it",
    );
  const text = stringify(recipe);
  const folder = join(
    workspace.root,
    STUDIO_DIR,
    "recipes",
    createHash("sha256").update(text).digest("hex").slice(0, 12),
  );
  await mkdir(folder, { recursive: true });
  const recipeFile = join(folder, basename(textAt(config, "recipeFile") ?? "recipe.yaml"));
  await writeFile(recipeFile, text);
  return { recipeFile, dataset };
}

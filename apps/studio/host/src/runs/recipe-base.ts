import { createHash } from "node:crypto";
import { basename, extname } from "node:path";
import type { Workspace } from "../workspace.ts";
import { textAt, valueAt } from "./config-tree.ts";
import { findRecipes } from "./recipes.ts";
import type { RecipeThread } from "./recipe-thread.ts";

/** For how long the list of recipes is trusted. */
const FRESH_MS = 5000;

/** How a recipe differs from the one it is based on. */
export interface RecipeDifference {
  /** Names the base and the recipe that were compared, by a hash of their texts; empty where nothing was. */
  readonly base: string;
  /** `path value` of each difference. */
  readonly changes: readonly string[];
}

export const NO_DIFFERENCE: RecipeDifference = { base: "", changes: [] };

/** Says how a run's recipe differs from the recipe it is based on. The base is found by its name among the known recipes, never by a path that a run names. */
export class RecipeBase {
  readonly #workspace: Workspace;
  readonly #builtinDir: string | undefined;
  readonly #thread: RecipeThread;
  #known: { readonly atMs: number; readonly texts: Promise<ReadonlyMap<string, string>> } | undefined;

  constructor(workspace: Workspace, builtinDir: string | undefined, thread: RecipeThread) {
    this.#workspace = workspace;
    this.#builtinDir = builtinDir;
    this.#thread = thread;
  }

  /**
   * None where the configuration is not a training run's or its base is unknown.
   * @param known what was found before: still right for the same base and recipe
   */
  async difference(config: unknown, known: RecipeDifference): Promise<RecipeDifference> {
    const file = textAt(config, "recipeFile");
    const recipe = valueAt(config, "recipe");
    if (file === undefined || recipe === null || typeof recipe !== "object") return NO_DIFFERENCE;
    const baseText = (await this.#texts()).get(basename(file, extname(file)));
    if (baseText === undefined || baseText === "") return NO_DIFFERENCE;
    const base = createHash("sha256").update(baseText).update(JSON.stringify(recipe)).digest("hex").slice(0, 16);
    if (base === known.base) return known;
    const changes = await this.#thread.ask({ kind: "changes", baseText, recipe }).catch(() => undefined);
    return changes === undefined ? NO_DIFFERENCE : { base, changes };
  }

  #texts(): Promise<ReadonlyMap<string, string>> {
    if (this.#known === undefined || performance.now() - this.#known.atMs > FRESH_MS) {
      const texts = findRecipes(this.#workspace, this.#builtinDir).then(
        (found) => new Map(found.map(({ item }) => [item.name, item.text])),
      );
      this.#known = { atMs: performance.now(), texts };
    }
    return this.#known.texts;
  }
}

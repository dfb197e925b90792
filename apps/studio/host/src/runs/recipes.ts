import { readFile, readdir, realpath, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import type { RecipeItem, RunKind } from "@pixelvla/studio-contract";
import { parse } from "yaml";
import { unknownItem } from "../errors.ts";
import { isInside, type Workspace } from "../workspace.ts";
import { textAt } from "./config-tree.ts";

const MAX_RECIPE_BYTES = 1 << 20;

/** A recipe file that was found in one of the two folders. */
export interface FoundRecipe {
  readonly item: RecipeItem;
  readonly file: string;
}

/** Recipes that ship with the software and those of the workspace; one of the workspace hides a shipped one of the same name. */
export async function findRecipes(workspace: Workspace, builtinDir: string | undefined): Promise<FoundRecipe[]> {
  const builtin = builtinDir === undefined ? [] : await recipesIn(builtinDir, "built in");
  const own = await recipesIn(workspace.recipesDir, "workspace");
  const byName = new Map([...builtin, ...own].map((found) => [found.item.name, found]));
  return [...byName.values()].sort((a, b) => a.item.name.localeCompare(b.item.name, "en", { numeric: true }));
}

/** The recipe of exactly that name: names are looked up, never joined to a path. @throws PVLA_STUDIO_UNKNOWN */
export async function findRecipe(
  workspace: Workspace,
  builtinDir: string | undefined,
  name: string,
): Promise<FoundRecipe> {
  const recipes = await findRecipes(workspace, builtinDir);
  const found = recipes.find(({ item }) => item.name === name);
  if (found === undefined)
    throw unknownItem(
      "recipe",
      name,
      recipes.map(({ item }) => item.name),
    );
  return found;
}

async function recipesIn(folder: string, source: RecipeItem["source"]): Promise<FoundRecipe[]> {
  const root = await realpath(folder).catch(() => undefined);
  if (root === undefined) return [];
  const names = (await readdir(root)).filter((name) => !name.startsWith(".") && /\.ya?ml$/.test(name));
  const found = await Promise.all(
    names.map(async (name): Promise<FoundRecipe[]> => {
      const file = await realpath(join(root, name)).catch(() => undefined);
      if (file === undefined || !isInside(root, file)) return []; // a link that leads out
      return [{ file, item: await readRecipe(file, name.slice(0, -extname(name).length), source) }];
    }),
  );
  return found.flat();
}

async function readRecipe(file: string, name: string, source: RecipeItem["source"]): Promise<RecipeItem> {
  const base = { name, source, kind: "train" as RunKind };
  try {
    if ((await stat(file)).size > MAX_RECIPE_BYTES) throw new Error("it is larger than 1 MiB");
    const text = await readFile(file, "utf8");
    const document = parse(text, { maxAliasCount: 100, logLevel: "error" }) as unknown;
    const kind: RunKind = textAt(document, "kind") === "annotation" ? "annotate" : "train";
    return { ...base, kind, description: textAt(document, "description") ?? "", text, problem: undefined };
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    return {
      ...base,
      description: "",
      text: "",
      problem: { code: "PVLA_CONFIG", message: `Reading recipe ${name}: ${reason}.` },
    };
  }
}

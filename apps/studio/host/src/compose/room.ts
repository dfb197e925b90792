import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ComposeService } from "@pixelvla/studio-contract";
import type { RecipeThread } from "../runs/recipe-thread.ts";
import { findRecipe, findRecipes } from "../runs/recipes.ts";
import type { Workspace } from "../workspace.ts";
import { recipeTaken } from "./errors.ts";

/** The Compose room: recipes are anybody's text, so all composing is done in the recipe thread, where it can be stopped. */
export function createComposeRoom(
  workspace: Workspace,
  builtinDir: string | undefined,
  thread: RecipeThread,
): ComposeService {
  return {
    examine: ({ text, stage }) => thread.ask({ kind: "compose", text, stage }),
    choices: ({ text, stage, part }) => thread.ask({ kind: "choices", text, stage, part }),
    edit: async ({ text, path, value }) => ({ text: await thread.ask({ kind: "edit", text, path, value }) }),
    diff: async (text, against) => {
      const { item } = await findRecipe(workspace, builtinDir, against);
      return thread.ask({ kind: "diff", texts: [item.text, text] });
    },
    save: async ({ name, text }) => {
      const known = (await findRecipes(workspace, builtinDir)).find(({ item }) => item.name === name);
      if (known?.item.source === "built in" && known.item.text !== text) throw recipeTaken(name);
      if (known?.item.text !== text) {
        await mkdir(workspace.recipesDir, { recursive: true });
        const folder = await workspace.resolve("recipes");
        await writeFile(join(folder, `${name}.yaml`), text);
      }
      return { recipe: name };
    },
  };
}

import { defineCommand } from "citty";
import { lazyCommand } from "../../terminal/lazy-command.ts";

export const recipeCommand = defineCommand({
  meta: { name: "recipe", description: "Show, compare and check recipes" },
  subCommands: {
    show: lazyCommand({
      meta: {
        name: "show",
        description: "Show a recipe as its graph of parts: shapes, parameters, operations, memory",
      },
      load: () => import("./show.ts").then((m) => m.showCommand),
    }),
    diff: lazyCommand({
      meta: { name: "diff", description: "Show what differs between two recipes, defaults included" },
      load: () => import("./diff.ts").then((m) => m.diffCommand),
    }),
    schema: lazyCommand({
      meta: { name: "schema", description: "Print the JSON Schema of a recipe, for editors" },
      load: () => import("./schema.ts").then((m) => m.schemaCommand),
    }),
  },
});

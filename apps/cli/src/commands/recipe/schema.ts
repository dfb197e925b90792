import { recipeJsonSchema } from "@pixelvla/core";
import { defineCommand } from "citty";

export const schemaCommand = defineCommand({
  meta: { name: "schema", description: "Print the JSON Schema of a recipe, for editors" },
  run() {
    process.stdout.write(`${JSON.stringify(recipeJsonSchema(), null, 2)}\n`);
  },
});

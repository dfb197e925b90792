// A training run in a process of its own, so that it can be killed: train.ts DIR DATASET TRAINING-JSON
import { trainRun, checkRecipe } from "../../src/index.ts";
import { smallestRecipe } from "../smallest-recipe.ts";

const [dir, dataset, training] = process.argv.slice(2) as [string, string, string];
const { recipe } = checkRecipe(smallestRecipe(JSON.parse(training) as Record<string, unknown>));
await trainRun({
  dir,
  resume: true,
  config: { version: 1, recipeFile: null, dataset, recipe: { ...recipe } },
  onEvent: (event) => {
    if (event.type === "step") process.stdout.write(`${event.step}\n`);
  },
});

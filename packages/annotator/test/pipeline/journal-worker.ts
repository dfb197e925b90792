import { runJob } from "./run-job.ts";
import { colourRecipe } from "./colour-models.ts";
import { paintedDataset } from "./painted-dataset.ts";

/** Child process of the kill tests: annotates `n` episodes of the painted dataset into a job directory. */
const [dir = "", n = "0", delayMs = "0"] = process.argv.slice(2);
const roles = colourRecipe()["roles"] as Record<string, unknown>;
const recipe = colourRecipe({
  roles: { ...roles, tracker: { name: "colour", options: { delayMs: Number(delayMs) } } },
});
const variantOf = (i: number) => (i % 5 === 3 ? ("never-closes" as const) : ("plain" as const));
await runJob(dir, paintedDataset(Number(n), variantOf), { recipe });

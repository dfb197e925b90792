/**
 * Does the mask decide? Trains a pixel policy and the same policy without its pixel parts on pictures of two equal
 * objects and scores both on unseen ones.
 *
 *   node --conditions=@pixelvla/source --import tsx packages/training/perf/learns/mask-decides.ts [RECIPE …] [--set key=value …]
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Random } from "@pixelvla/core";
import { loadRecipe } from "../../src/recipe/load-recipe.ts";
import { fitSamples } from "./fit-samples.ts";
import { drawTwoObjects, scoreTwoObjects } from "./two-objects.ts";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { set: { type: "string", multiple: true, default: [] } },
});
const names = positionals.length > 0 ? positionals : ["pixelvla-openvla-tiny", "pixelvla-pi0-tiny"];
const recipes = fileURLToPath(new URL("../../../../recipes/", import.meta.url));

process.stdout.write("recipe                  pixel inputs   right object   distance   steps   minutes\n");
for (const name of names) {
  for (const stage of ["from-scratch", "text-only"] as const) {
    const recipe = loadRecipe(`${recipes}${name}.yaml`, [
      "training.data.promptDropout=0",
      ...values.set,
      `training.stage=${stage}`,
    ]);
    const random = new Random("two objects");
    const cases = Array.from({ length: 256 }, () => drawTwoObjects(recipe.recipe, random));
    const drawn = new Random("training");
    const { batchSize } = recipe.training;
    const report = await fitSamples(
      recipe,
      () => Array.from({ length: batchSize }, () => drawTwoObjects(recipe.recipe, drawn).sample),
      cases.map(({ sample }) => sample),
      (step, loss) => {
        if (step % 50 === 0) process.stderr.write(`${name} ${stage} step ${step} loss ${loss.toFixed(4)}\n`);
      },
    );
    const { rightObject, distance } = scoreTwoObjects(cases, report.chunks);
    const row = [
      name.padEnd(24),
      (stage === "from-scratch" ? "yes" : "no").padEnd(15),
      `${(100 * rightObject).toFixed(1)} %`.padEnd(15),
      distance.toFixed(3).padEnd(11),
      String(report.steps).padEnd(8),
      report.minutes.toFixed(1),
    ];
    process.stdout.write(`${row.join("")}\n`);
  }
}

/**
 * Overfits 64 real frames with every tiny recipe: mean L1 of the predicted chunks on the same frames, against the best
 * constant's. Frames without annotation get a mask and prompts in the image's middle, so that pixel parts are at work.
 *
 *   node --conditions=@pixelvla/source --import tsx packages/training/perf/learns/overfit.ts DATASET [RECIPE …] [--set key=value …]
 */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { loadRecipe } from "../../src/recipe/load-recipe.ts";
import { fitSamples } from "./fit-samples.ts";
import { framesOf, constantL1, meanL1 } from "./frames.ts";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { set: { type: "string", multiple: true, default: [] } },
});
const [dataset, ...named] = positionals;
if (dataset === undefined) throw new Error("Overfitting: found no DATASET. Name a folder with Bridge episodes.");
const folder = fileURLToPath(new URL("../../../../recipes/", import.meta.url));
const tiny = readdirSync(folder)
  .filter((file) => file.endsWith("-tiny.yaml"))
  .map((file) => file.slice(0, -5));

process.stdout.write(
  "recipe                  loss first -> last     L1      best constant's L1   share    steps   minutes\n",
);
for (const name of named.length > 0 ? named : tiny) {
  const recipe = loadRecipe(`${folder}${name}.yaml`, values.set);
  const frames = await framesOf(dataset, recipe, 64);
  const { batchSize } = recipe.training;
  const report = await fitSamples(
    recipe,
    (step) => Array.from({ length: batchSize }, (_, i) => frames[(step * batchSize + i) % frames.length]!),
    [{ samples: frames }],
    (step, loss) => {
      if (step % 50 === 0) process.stderr.write(`${name} step ${step} loss ${loss.toFixed(4)}\n`);
    },
  );
  const [l1, constant] = [meanL1(frames, report.chunks[0]!), constantL1(frames)];
  const row = [
    name.padEnd(24),
    `${report.firstLoss.toFixed(3)} -> ${report.lastLoss.toFixed(4)}`.padEnd(23),
    l1.toFixed(4).padEnd(8),
    constant.toFixed(4).padEnd(21),
    `${((100 * l1) / constant).toFixed(1)} %`.padEnd(9),
    String(report.steps).padEnd(8),
    report.minutes.toFixed(1),
  ];
  process.stdout.write(`${row.join("")}\n`);
}

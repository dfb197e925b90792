import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { onnxruntimeEngine } from "@pixelvla/engines";
import {
  annotateJob,
  annotationJobSchema,
  builtinAnnotatorRegistry,
  funnelText,
  loadAnnotationRecipe,
} from "../src/index.ts";
import { REAL_SETS, ROLLOUT_SEEDS, sharedData, writeRealSet, type RealSet } from "./real-datasets.ts";

/**
 * The pipeline over real robot pictures: `node --conditions=@pixelvla/source --import tsx perf/real-images.ts RECIPE OUT [set…]`.
 * Sets: octo-bridge-debug, widowx-rollouts, widowx-stills, google-stills. Look at OUT/<set>/results/contact-sheet.jpg afterwards.
 */
const [recipeFile = "", out = "", ...chosen] = process.argv.slice(2);
const data = sharedData();
if (data === undefined) throw new Error("the sample data are not beside this repository (shared/data)");
const sets = chosen.length > 0 ? chosen : ["octo-bridge-debug", ...Object.keys(REAL_SETS)];
for (const set of sets) {
  const isOcto = set === "octo-bridge-debug";
  const dataset = isOcto ? join(data, "octo-bridge-debug/bridge_dataset/1.0.0") : join(resolve(out), "sets", set);
  if (!isOcto) {
    mkdirSync(join(resolve(out), "sets"), { recursive: true });
    await writeRealSet(set as RealSet, data, dataset);
  }
  // Stills have no grasp, and of octo-bridge-debug's cut-down episodes of eight frames most never close.
  const recipe = loadAnnotationRecipe(recipeFile, set.endsWith("rollouts") ? [] : ["region.mode=full"]);
  if (set.endsWith("rollouts")) recipe.seeds.push(...ROLLOUT_SEEDS);
  const outcome = await annotateJob({
    dir: join(resolve(out), set),
    config: annotationJobSchema.parse({
      dataset,
      recipe,
      modelsDir: join(data, "models"),
      threads: 1,
      ...(isOcto && { reading: { split: "train" } }),
    }),
    registry: builtinAnnotatorRegistry(),
    engine: onnxruntimeEngine({ provider: "cpu" }),
  });
  const { timing } = outcome;
  process.stdout.write(
    `${funnelText(outcome.funnel)}${timing.wallS.toFixed(1)} s, ${timing.framesPerS.toFixed(1)} frames/s, ` +
      `${(100 * timing.outsideShare).toFixed(0)} % outside the models\n\n`,
  );
}

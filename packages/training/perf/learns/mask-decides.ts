/**
 * Does the mask decide? Trains a pixel policy and the same policy without its pixel parts on pictures of two
 * objects, each shown with either mask, and scores both on 100 unseen pictures, so 200 cases.
 *
 *   node --conditions=@pixelvla/source --import tsx packages/training/perf/learns/mask-decides.ts [RECIPE …] [--as-shipped] [--set key=value …]
 *
 * `--as-shipped` leaves picture size, encoder, backbone and decoder as the recipes have them, and trains 300 steps.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Random } from "@pixelvla/core";
import { loadRecipe } from "../../src/recipe/load-recipe.ts";
import { fitSamples } from "./fit-samples.ts";
import { drawTwoObjects, scoreTwoObjects, type TwoObjectsScore as Score } from "./two-objects.ts";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    set: { type: "string", multiple: true, default: [] },
    "as-shipped": { type: "boolean", default: false },
  },
});
const names = positionals.length > 0 ? positionals : ["pixelvla-openvla-tiny", "pixelvla-pi0-tiny"];
const recipes = fileURLToPath(new URL("../../../../recipes/", import.meta.url));

/**
 * Small pictures, short prompts, one step a chunk. What matters: features that carry places (the ViTs' fresh position
 * embeddings, of spread 0.02, seem to drown), projected tokens of unit scale and residuals of small scale.
 */
const SETTINGS = [
  ...["image.height=32", "image.width=32", "text.maxTokens=24", "chunkSize=1"],
  ...["visionEncoder.name=conv-stem", "visionEncoder.options={image: 32, channels: [32, 64, 128], positions: true}"],
  ...["projector.name=linear", "projector.options.norm=true", "backbone.options.residualScale=0.2"],
  ...["training.steps=250", "training.batchSize=32", "training.schedule.warmupSteps=30", "training.threads=1"],
  ...["training.data.promptDropout=0", "training.data.promptKinds=[mask]"],
];
/** The recipes themselves; only the length of training, and no visit without prompts. */
const AS_SHIPPED = [
  ...["training.steps=300", "training.batchSize=32", "training.schedule.warmupSteps=30", "training.threads=1"],
  ...["training.data.promptDropout=0", "training.data.promptKinds=[mask]"],
];
const CONTINUOUS = ["decoder.options.slotsPer=step", "decoder.options.attention=full"];

process.stdout.write(
  "recipe                  pixel inputs   right object   distance   by mask     distance   steps   minutes\n",
);
for (const name of names) {
  for (const stage of ["from-scratch", "text-only"] as const) {
    const recipe = loadRecipe(`${recipes}${name}.yaml`, [
      ...(values["as-shipped"] ? AS_SHIPPED : [...SETTINGS, ...(name.includes("openvla") ? CONTINUOUS : [])]),
      ...values.set,
      `training.stage=${stage}`,
    ]);
    const random = new Random("two objects");
    const cases = Array.from({ length: 100 }, () => drawTwoObjects(recipe.recipe, random)).flat();
    const samples = cases.map(({ sample }) => sample);
    const drawn = new Random("training");
    const { batchSize } = recipe.training;
    const report = await fitSamples(
      recipe,
      () =>
        Array.from({ length: batchSize / 2 }, () => drawTwoObjects(recipe.recipe, drawn))
          .flat()
          .map(({ sample }) => sample),
      [{ samples }, { samples, promptKinds: ["mask"] }],
      (step, loss) => {
        if (step % 50 === 0) process.stderr.write(`${name} ${stage} step ${step} loss ${loss.toFixed(4)}\n`);
      },
    );
    const [any, maskOnly] = report.chunks.map((chunks) => scoreTwoObjects(cases, chunks)) as [Score, Score];
    const row = [
      name.padEnd(24),
      (stage === "from-scratch" ? "yes" : "no").padEnd(15),
      `${(100 * any.rightObject).toFixed(1)} %`.padEnd(15),
      any.distance.toFixed(3).padEnd(11),
      `${(100 * maskOnly.rightObject).toFixed(1)} %`.padEnd(12),
      maskOnly.distance.toFixed(3).padEnd(11),
      String(report.steps).padEnd(8),
      report.minutes.toFixed(1),
    ];
    process.stdout.write(`${row.join("")}\n`);
  }
}

// Makes tiny runs and the actions they give in this process, for the clients of serving-conformance.mjs to compare with.
// serving-cases.ts FOLDER  ->  FOLDER/runs/NAME, FOLDER/NAME.json, FOLDER/NAME.mask.json for policies that take masks
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DEFAULT_NOISE, pixelDatasetSink, recordDemonstrations } from "@pixelvla/bench/recording";
import { Random } from "@pixelvla/core";
import { checkRecipe, loadRecipe, trainRun } from "@pixelvla/training";
import { createPolicy } from "@pixelvla/training/tabletop-policy";

const RECIPES = [
  "openvla-tiny",
  "openvla-oft-tiny",
  "openvla-tokens-tiny",
  "pi0-tiny",
  "pixelvla-openvla-tiny",
  "pixelvla-pi0-tiny",
];
const QUERIES = 3;
const [folder, ...names] = process.argv.slice(2);
if (folder === undefined) throw new Error("serving-cases.ts FOLDER [RECIPE …]");
const dataset = join(folder, "dataset");

if (!existsSync(dataset)) {
  const demonstrations = {
    embodiment: "widowx",
    tasks: ["pick"],
    variants: ["base"],
    nEpisodes: 2,
    imageSizePx: 64,
    noise: DEFAULT_NOISE,
    threads: 1,
  } as const;
  await recordDemonstrations(demonstrations, await pixelDatasetSink(dataset, "widowx", 64, "stored"));
}

/** An image of another size than the policy's, so that the fitting is compared too. */
function picture(): { widthPx: number; heightPx: number; image: Uint8Array } {
  const [widthPx, heightPx] = [96, 80];
  const random = new Random("picture");
  const image = Uint8Array.from({ length: widthPx * heightPx * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % widthPx, Math.floor(i / 3 / widthPx)];
    return Math.min(255, Math.floor(x + y + 40 * (i % 3) + 20 * random.uniform()));
  });
  return { widthPx, heightPx, image };
}

for (const name of names.length > 0 ? names : RECIPES) {
  const file = fileURLToPath(new URL(`../../recipes/${name}.yaml`, import.meta.url));
  const first = loadRecipe(file).recipe;
  const state = first.stateDim === 0 ? [] : ["stateDim=8", "decoder.options.paddedStateDim=8"];
  const overrides = [
    ...state,
    "training.steps=2",
    "training.batchSize=2",
    "training.threads=1",
    "training.schedule.warmupSteps=0",
  ];
  const { recipe } = checkRecipe(loadRecipe(file, overrides).recipe);
  const dir = join(folder, "runs", name);
  if (!existsSync(dir))
    await trainRun({ dir, config: { version: 1, recipeFile: file, dataset, recipe: { ...recipe } } });

  const policy = await createPolicy({ run: dir, threads: 1 });
  const { widthPx, heightPx, image } = picture();
  const instruction = "Pick up the red cube";
  const observation = {
    widthPx,
    heightPx,
    image,
    state: Float32Array.from({ length: 8 }, (_, i) => 0.1 * i - 0.3),
    instruction,
  };
  const objectMask = new Uint8Array(widthPx * heightPx);
  for (let y = 20; y < 45; y++) objectMask.fill(1, y * widthPx + 30, y * widthPx + 60);
  const write = async (suffix: string, shown: typeof observation & { objectMask?: Uint8Array; prompt?: never }) => {
    const expected: number[][][] = [];
    policy.reset();
    for (let k = 0; k < QUERIES; k++) {
      const { chunkSize, actions } = await policy.act(shown);
      const width = actions.length / chunkSize;
      expected.push(Array.from({ length: chunkSize }, (_, i) => [...actions.subarray(i * width, (i + 1) * width)]));
    }
    const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
    const value = {
      name,
      instruction,
      image: { shape: [heightPx, widthPx, 3], data: base64(image) },
      state: recipe.stateDim === 0 ? [] : [...observation.state],
      ...(shown.objectMask ? { mask: { shape: [heightPx, widthPx], data: base64(shown.objectMask) } } : {}),
      executeSteps: Math.min(recipe.executeSteps, recipe.chunkSize),
      expected,
    };
    writeFileSync(join(folder, `${name}${suffix}.json`), JSON.stringify(value));
  };
  await write("", observation);
  if (recipe.pixelEncoder !== null)
    await write(".mask", { ...observation, objectMask, prompt: { kind: "mask", mask: objectMask } as never });
  await policy.close();
  console.log(name);
}
process.exit(0);

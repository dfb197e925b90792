// Exports the runs of serving-cases.ts and writes what each should give: export-cases.ts FOLDER [PRECISION]
//   -> FOLDER/exports/NAME, FOLDER/exports/NAME.json (an image of the policy's size, noise, feeds, expected actions)
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Random } from "@pixelvla/core";
import { exportPolicy, openGraphSource } from "@pixelvla/serving";
import { createPolicy } from "@pixelvla/training/tabletop-policy";

const [folder, ...names] = process.argv.slice(2);
if (folder === undefined) throw new Error("export-cases.ts FOLDER [RUN …]");
const exportsFolder = join(folder, "exports");
mkdirSync(exportsFolder, { recursive: true });
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

for (const name of names.length > 0 ? names : readdirSync(join(folder, "runs"))) {
  const run = join(folder, "runs", name);
  const out = join(exportsFolder, name);
  rmSync(out, { recursive: true, force: true });
  const source = openGraphSource(run);
  const { recipe, training } = source.trainingRecipe;
  const isFlow = recipe.decoder.name === "flow-matching";
  const report = await exportPolicy(source, { out, precision: "stored", cachedPrefix: isFlow, measure: 2 });
  const { width, height } = recipe.image;
  const random = new Random("export case");
  const image = Uint8Array.from({ length: width * height * 3 }, (_, i) =>
    Math.floor(100 + (i % 50) + 50 * random.uniform()),
  );
  const state = Float32Array.from({ length: recipe.stateDim }, (_, i) => 0.1 * i - 0.3);
  const instruction = "Pick up the red cube";
  const objectMask = new Uint8Array(width * height);
  for (let y = 20; y < 40; y++) objectMask.fill(1, y * width + 10, y * width + 40);
  const policy = await createPolicy({ run, threads: 1 });
  const shown = { widthPx: width, heightPx: height, image, state, instruction };
  const prompted =
    recipe.pixelEncoder === null ? {} : { objectMask, prompt: { kind: "mask" as const, mask: objectMask } };
  const { chunkSize, actions } = await policy.act({ ...shown, ...prompted });
  await policy.close();
  const draws = new Random(`${training.seed}:noise:0`);
  const padded = (recipe.decoder.options["paddedActionDim"] as number | undefined) ?? 32;
  const noise = Array.from({ length: chunkSize * padded }, () => draws.normal());
  const rows = Array.from({ length: chunkSize }, (_, k) => [
    ...actions.subarray(k * recipe.actionDim, (k + 1) * recipe.actionDim),
  ]);
  writeFileSync(
    join(exportsFolder, `${name}.json`),
    JSON.stringify({
      instruction,
      image: { shape: [height, width, 3], data: base64(image) },
      state: [...state],
      ...(recipe.pixelEncoder === null ? {} : { mask: { shape: [height, width], data: base64(objectMask) } }),
      ...(isFlow ? { noise: nested(noise, [1, chunkSize, padded]) } : {}),
      expected: rows,
      report,
    }),
  );
  console.log(
    JSON.stringify({ name, error: report.actionError, merged: report.mergedAdapters, files: report.files.length }),
  );
}
process.exit(0);

function nested(values: readonly number[], shape: readonly number[]): unknown {
  const [first, ...rest] = shape;
  if (first === undefined || rest.length === 0) return values;
  const size = values.length / first;
  return Array.from({ length: first }, (_, i) => nested(values.slice(i * size, (i + 1) * size), rest));
}

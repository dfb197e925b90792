// Exports the 7B recipe from a synthetic bf16 checkpoint (sparse, sharded, all zeros) and prints the peak memory: export-7b.ts [FOLDER]
import { closeSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { composePolicy, extractProgram, sizeOf } from "@pixelvla/core";
import { openvlaNames } from "@pixelvla/data/checkpoints";
import { builtinRegistry, loadRecipe } from "@pixelvla/training";
import { exportPolicy } from "../src/export/export-policy.ts";
import { openGraphSource } from "../src/policy/open-source.ts";

const folder = process.argv[2] ?? mkdtempSync(join(tmpdir(), "pixelvla-7b-"));
const recipeFile = fileURLToPath(new URL("../../../recipes/openvla-7b.yaml", import.meta.url));
const checkpoint = join(folder, "checkpoint");
const SHARDS = 4;
const overrides = [`checkpoint=${checkpoint}`, "backbone.tokenizer.name=hashed-words", "backbone.tokenizer.options={}"];

mkdirSync(checkpoint, { recursive: true });
const { recipe } = loadRecipe(recipeFile, overrides);
const policy = composePolicy(recipe, builtinRegistry(), { batch: 1, mode: "predict" });
const parameters = extractProgram(policy.graph, { chunk: policy.chunk! }).parameters;
const weightMap: Record<string, string> = {};
for (let shard = 0; shard < SHARDS; shard++) {
  const name = `model-0000${shard + 1}-of-0000${SHARDS}.safetensors`;
  const header: Record<string, unknown> = {};
  let end = 0;
  parameters.forEach(({ name: parameter, tensor }, i) => {
    const stored = openvlaNames(parameter)[0];
    if (i % SHARDS !== shard || stored === undefined) return;
    const begin = end;
    end += 2 * sizeOf(tensor.shape);
    header[stored] = { dtype: "BF16", shape: tensor.shape, data_offsets: [begin, end] };
    weightMap[stored] = name;
  });
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const file = openSync(join(checkpoint, name), "w");
  writeSync(file, length);
  writeSync(file, json);
  ftruncateSync(file, 8 + json.length + end);
  closeSync(file);
}
writeFileSync(
  join(checkpoint, "model.safetensors.index.json"),
  JSON.stringify({ metadata: {}, weight_map: weightMap }),
);

const begunMs = performance.now();
const report = await exportPolicy(openGraphSource(recipeFile, { overrides }), {
  out: join(folder, "out"),
  precision: "stored",
  measure: 0,
});
console.log(
  JSON.stringify({
    parameters: report.parameters,
    weightGb: Number((report.weightBytes / 1e9).toFixed(2)),
    random: report.randomParameters,
    seconds: Math.round((performance.now() - begunMs) / 1000),
    peakMemoryGb: Number((process.resourceUsage().maxRSS / 1024 / 1024).toFixed(2)),
  }),
);
rmSync(folder, { recursive: true, force: true });

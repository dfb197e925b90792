import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openPeftAdapter, openvlaNames, readAdapterWeights } from "@pixelvla/data/checkpoints";
import { expect, onTestFinished, test } from "vitest";
import {
  checkRecipe,
  exportAdapter,
  findCheckpoint,
  readPolicyWeights,
  trainRun,
  type RunConfig,
} from "../src/index.ts";
import { bridgeFolder, smallestRecipe } from "./smallest-recipe.ts";

const dataset = bridgeFolder();

const config = (training: Record<string, unknown>): RunConfig => {
  const { recipe } = checkRecipe(smallestRecipe(training));
  return { version: 1, recipeFile: null, dataset: dataset!, recipe: { ...recipe } };
};

test.skipIf(dataset === undefined)(
  "the adapter of a run is written in peft's form, and reads back value for value; a run without one is refused",
  async () => {
    const root = mkdtempSync(join(tmpdir(), "pixelvla-adapter-"));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    const [base, run, out] = [join(root, "base"), join(root, "run"), join(root, "adapter")];
    const { recipe } = config({ steps: 1 });
    const plain = { ...recipe, backbone: { ...(recipe["backbone"] as object), lora: null } };
    await trainRun({ dir: base, config: { ...config({}), recipe: plain } });
    await expect(exportAdapter(base, out)).rejects.toThrow(/its recipe "smallest" has no backbone\.lora/);

    await trainRun({ dir: run, config: config({ steps: 2, init: base }) });
    const exported = await exportAdapter(run, out);
    expect(exported).toMatchObject({ recipe: "smallest", trainStep: 2, rank: 4, alpha: 4 });
    const adapter = await openPeftAdapter(out);
    expect([...adapter.checkpoint.tensors.keys()]).toContain(
      "base_model.model.language_model.model.layers.1.mlp.down_proj.lora_B.weight",
    );
    const weights = await readPolicyWeights(findCheckpoint(run));
    const { values, unexpected } = await readAdapterWeights(adapter, weights.keys(), openvlaNames);
    expect(unexpected).toEqual([]);
    // Seven linear layers in each of two blocks, two halves each.
    expect([exported.nTensors, values.size]).toEqual([28, 28]);
    for (const [name, tensor] of values) expect(tensor, name).toEqual(weights.get(name));
    const trained = values.get("backbone.model.layers.1.mlp.down_proj.lora_B.weight")!;
    expect(trained.data.some((value) => value !== 0)).toBe(true);
  },
);

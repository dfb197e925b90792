import { resolve } from "node:path";
import { writePeftAdapter } from "@pixelvla/data/checkpoints";
import { parse } from "yaml";
import { noAdapter } from "../errors.ts";
import { checkRecipe } from "../recipe/load-recipe.ts";
import { publicNames } from "../train/initial-weights.ts";
import { findCheckpoint } from "./find-checkpoint.ts";
import { readPolicyWeights, readTrainCheckpoint } from "./train-checkpoint.ts";

/** What was written. */
export interface ExportedAdapter {
  readonly out: string;
  readonly recipe: string;
  readonly trainStep: number;
  readonly rank: number;
  readonly alpha: number;
  readonly nTensors: number;
  /** Repository or folder of the model the adapter belongs on; undefined where the run trained on a base of its own. */
  readonly baseModel: string | undefined;
}

/**
 * Writes the LoRA adapter of a run in peft's own form, under the module paths of the public checkpoint of the run's backbone, so that
 * `PeftModel.from_pretrained(base, out)` and `pixelvla models merge` take it. Weights are their moving average where there is one.
 *
 * @param run run directory, or a checkpoint folder of one
 * @throws PVLA_RUN, PVLA_NO_CHECKPOINT, PVLA_ADAPTER for a run without an adapter, or whose stage does not train it
 */
export async function exportAdapter(run: string, out: string): Promise<ExportedAdapter> {
  const checkpoint = findCheckpoint(run);
  const { progress, recipe: document } = readTrainCheckpoint(checkpoint);
  const { recipe } = checkRecipe(parse(document));
  const { lora, name: backbone } = recipe.backbone;
  const weights = await readPolicyWeights(checkpoint);
  if (lora === null) throw noAdapter(run, `its recipe "${recipe.name}" has no backbone.lora`);
  // A fresh adapter's second halves are zeros: stages that do not train it save it all the same.
  const isTrained = [...weights].some(
    ([name, { data }]) => name.endsWith(".lora_B.weight") && data.some((v) => v !== 0),
  );
  if (!isTrained) throw noAdapter(run, `the adapter of "${recipe.name}" as it began: its stage does not train it`);
  const baseModel = recipe.checkpoint ?? undefined;
  const folder = resolve(out);
  const written = await writePeftAdapter(folder, weights, {
    alpha: lora.alpha,
    base: publicNames(backbone),
    baseModel,
  });
  const { tensors: nTensors, rank } = written;
  return { out: folder, recipe: recipe.name, trainStep: progress.step, rank, alpha: lora.alpha, nTensors, baseModel };
}

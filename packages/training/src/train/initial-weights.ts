import { formatShape, initialValues, sameShape, type Graph, type Parameter, type Recipe } from "@pixelvla/core";
import { resolveModel } from "@pixelvla/data";
import { bindParameters, openCheckpoint, openvlaNames, pi0Names, type NameMap } from "@pixelvla/data/checkpoints";
import type { FloatTensor } from "../checkpoint/float-tensors.ts";
import { readPolicyWeights } from "../checkpoint/train-checkpoint.ts";
import { isOwnCheckpoint } from "../checkpoint/find-checkpoint.ts";
import { weightMismatch } from "../errors.ts";

/** Name map of the public checkpoints a backbone's weights come from. */
const PUBLIC_NAMES: Readonly<Record<string, NameMap>> = { llama: openvlaNames, paligemma: pi0Names };

/** Our parameters' names in the public checkpoints of a backbone; the same names where there are none. */
export const publicNames = (backbone: string): NameMap => PUBLIC_NAMES[backbone] ?? ((name) => [name]);

/**
 * Points the graph's parameters at the recipe's base checkpoint where that is a public one (a folder of safetensors in the
 * naming of OpenVLA or pi0); nothing is read. A checkpoint of our own is not bound but read by value, see `matchWeights`.
 * @throws PVLA_WEIGHTS when a shape differs, PVLA_CHECKPOINT_*
 */
export async function bindBase(graph: Graph, recipe: Recipe): Promise<void> {
  const { checkpoint, backbone } = recipe;
  if (checkpoint === null || isOwnCheckpoint(checkpoint)) return;
  const names = publicNames(backbone.name);
  const { missing, mismatched } = bindParameters(graph, await openCheckpoint(resolveModel(checkpoint)), names);
  const [wrong] = mismatched;
  if (wrong !== undefined)
    throw weightMismatch(wrong.tensor, formatShape(wrong.found), formatShape(wrong.expected), checkpoint);
  if (missing[0] !== undefined) throw weightMismatch(missing[0], "missing", "every weight of the base", checkpoint);
}

/**
 * Values of parameters taken from a checkpoint's tensors, by name. Parameters the checkpoint lacks keep their own source and
 * are returned as `fresh` (the pixel parts at the start of stage 2, a new adapter).
 * @throws PVLA_WEIGHTS when a shape differs
 */
export function matchWeights(
  parameters: readonly Parameter[],
  tensors: ReadonlyMap<string, FloatTensor>,
  dir: string,
): { readonly values: Map<string, Float32Array>; readonly fresh: readonly string[] } {
  const values = new Map<string, Float32Array>();
  const fresh: string[] = [];
  for (const { name, tensor, source } of parameters) {
    const found = tensors.get(name);
    if (found === undefined) {
      if (source.kind !== "file") fresh.push(name);
    } else if (!sameShape(found.shape, tensor.shape))
      throw weightMismatch(name, formatShape(found.shape), formatShape(tensor.shape), dir);
    else values.set(name, found.data);
  }
  return { values, fresh };
}

/** Weights of a run's own checkpoint, to go on from: the trained ones themselves, not their average. @throws PVLA_WEIGHTS */
export async function savedWeights(
  parameters: readonly Parameter[],
  { dir }: { readonly dir: string },
): Promise<Map<string, Float32Array>> {
  return matchWeights(parameters, await readPolicyWeights(dir, { average: false }), dir).values;
}

/** Weights that do not train and lie in no file: saved with every checkpoint so that it is complete. */
export function frozenWeights(
  parameters: readonly Parameter[],
  trained: readonly Parameter[],
  values: ReadonlyMap<string, Float32Array>,
  seed: number,
): Map<string, FloatTensor> {
  const names = new Set(trained.map(({ name }) => name));
  return new Map(
    parameters
      .filter(({ name, source }) => !names.has(name) && source.kind !== "file")
      .map((parameter) => {
        const data = values.get(parameter.name) ?? initialValues(parameter, seed);
        return [parameter.name, { shape: parameter.tensor.shape, data }];
      }),
  );
}

import {
  composePolicy,
  extractProgram,
  formatShape,
  gradients,
  programCost,
  type PartCost,
  type PluginRegistry,
  type ProgramCost,
  type Recipe,
} from "@pixelvla/core";
import { stageOf, trainableParameters, type StageName } from "../train/stages.ts";

/** What a recipe comes to, without reading a weight. */
export interface RecipeDescription {
  readonly name: string;
  readonly parts: readonly { readonly part: string; readonly plugin: string; readonly cost: PartCost | undefined }[];
  readonly wires: readonly { readonly from: string; readonly to: string; readonly shape: string }[];
  /** One train step at `batch`, forward and backward. */
  readonly train: ProgramCost;
  /** One prediction at batch 1. */
  readonly predict: ProgramCost;
  readonly batch: number;
  readonly stage: StageName;
  readonly nodes: number;
  readonly buildMs: number;
}

/** Composes a recipe for training and prediction and counts. @throws as `composePolicy` and `stageOf` */
export function describeRecipe(
  recipe: Recipe,
  registry: PluginRegistry,
  options: { batch: number; stage: StageName },
): RecipeDescription {
  const started = performance.now();
  const stage = stageOf(recipe, options.stage);
  const policy = composePolicy(recipe, registry, {
    batch: options.batch,
    mode: "train",
    withoutPixelParts: stage.withoutPixelParts,
  });
  const chosen = trainableParameters(recipe, stage, [...policy.graph.parameters.values()], undefined);
  const trainable = new Set(chosen);
  const computed = gradients(
    policy.loss!,
    chosen.map((p) => p.tensor),
  );
  const outputs = Object.fromEntries(chosen.map((p, i) => [`gradient.${p.name}`, computed[i]!]));
  const program = extractProgram(policy.graph, { loss: policy.loss!, ...outputs });
  const train = programCost(program, { trainable: (p) => trainable.has(p) });

  const single = composePolicy(recipe, registry, {
    batch: 1,
    mode: "predict",
    withoutPixelParts: stage.withoutPixelParts,
  });
  const predict = programCost(extractProgram(single.graph, { chunk: single.chunk! }));
  const references = {
    visionEncoder: recipe.visionEncoder,
    projector: recipe.projector,
    pixelEncoder: stage.withoutPixelParts ? null : recipe.pixelEncoder,
    promptEncoder: stage.withoutPixelParts ? null : recipe.promptEncoder,
    backbone: recipe.backbone,
    decoder: recipe.decoder,
  };
  return {
    name: recipe.name,
    parts: Object.entries(references).flatMap(([part, reference]) =>
      reference === null ? [] : [{ part, plugin: reference.name, cost: train.parts.find((c) => c.part === part) }],
    ),
    wires: policy.wires.map(({ from, to, shape }) => ({ from, to, shape: formatShape(shape) })),
    train,
    predict,
    batch: options.batch,
    stage: options.stage,
    nodes: program.nodes.length,
    buildMs: performance.now() - started,
  };
}

/** One difference between two recipes, as a dotted key. */
export interface RecipeDifference {
  readonly key: string;
  readonly left: unknown;
  readonly right: unknown;
}

/** Every key whose value differs, names and descriptions apart. */
export function recipeDifferences(left: Recipe, right: Recipe): RecipeDifference[] {
  const [a, b] = [flatten(left), flatten(right)];
  const ignored = new Set(["name", "description"]);
  return [...new Set([...a.keys(), ...b.keys()])]
    .filter((key) => !ignored.has(key) && JSON.stringify(a.get(key)) !== JSON.stringify(b.get(key)))
    .sort()
    .map((key) => ({ key, left: a.get(key), right: b.get(key) }));
}

function flatten(value: unknown, path = ""): Map<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return new Map([[path, value]]);
  const leaves = new Map<string, unknown>();
  for (const [key, child] of Object.entries(value)) {
    for (const [k, v] of flatten(child, path === "" ? key : `${path}.${key}`)) leaves.set(k, v);
  }
  return leaves;
}

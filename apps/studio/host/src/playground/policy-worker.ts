// Worker thread: loads policies and predicts. Building a graph and assembling a batch block the thread they run on.
import type { LookAnswer, PolicyCard } from "@pixelvla/studio-contract";
import { policySample, stageOf, type RunPolicy } from "@pixelvla/training";
import { serveThread } from "../thread/serve-thread.ts";
import type { PolicyMethods, PolicyPrediction, PolicyQuestion } from "./policy-thread.ts";
import { lookOf } from "./look.ts";
import { WarmPolicies } from "./warm-policies.ts";

const policies = new WarmPolicies();

serveThread({
  open: async (checkpoint) => cardOf((await policies.get(checkpoint)).policy),
  predict,
} satisfies PolicyMethods);

async function predict({ checkpoint, promptKind, ...shown }: PolicyQuestion): Promise<PolicyPrediction> {
  const { policy, isCold, loadMs } = await policies.get(checkpoint);
  const { image, instruction, state, mask, prompts, actions } = shown;
  const startMs = performance.now();
  const sample = await policySample(
    {
      image,
      instruction,
      prompts,
      ...(state === undefined ? {} : { state }),
      ...(mask === undefined ? {} : { mask }),
      ...(actions === undefined ? {} : { actions }),
    },
    policy,
  );
  const fitMs = performance.now() - startMs;
  const { chunk, latency, attention } = await policy.look(sample, { promptKind });
  const look: LookAnswer | undefined =
    attention && lookOf(attention, sample.annotation?.mask, policy.recipe.image, image);
  return {
    step: policy.trainStep,
    predicted: rowsOf(policy.inUnits(chunk), policy.recipe.actionDim),
    l1: actions === undefined ? undefined : meanL1(chunk, sample.chunk.actions, sample.chunk.weights),
    readsState: policy.recipe.stateDim > 0,
    look,
    fitMs,
    ...latency,
    isCold,
    loadMs,
  };
}

function cardOf({ recipe, trainStep, trainingRecipe, cost }: RunPolicy): PolicyCard {
  const { image } = recipe;
  const isTextOnly = stageOf(recipe, trainingRecipe.training.stage).withoutPixelParts;
  return {
    name: recipe.name,
    step: trainStep,
    chunkSize: recipe.chunkSize,
    actionDim: recipe.actionDim,
    stateDim: recipe.stateDim,
    image: { widthPx: image.width, heightPx: image.height, fit: image.fit },
    takesMask: recipe.pixelEncoder !== null && !isTextOnly,
    takesPrompts: recipe.promptEncoder !== null && !isTextOnly,
    promptKinds: trainingRecipe.training.data.promptKinds,
    parts: cost.parts.map(({ part, parameters, forwardFlops }) => ({
      part,
      nParameters: parameters,
      flops: forwardFlops,
    })),
  };
}

function rowsOf(flat: Float32Array, width: number): number[][] {
  return Array.from({ length: flat.length / width }, (_, k) => [...flat.subarray(k * width, (k + 1) * width)]);
}

/** Mean over the steps inside the episode; undefined where there is none. */
function meanL1(a: Float32Array, b: Float32Array, weights: Float32Array): number | undefined {
  const width = a.length / weights.length;
  const inside = [...a.keys()].filter((i) => weights[Math.floor(i / width)] === 1);
  if (inside.length === 0) return undefined;
  return inside.reduce((sum, i) => sum + Math.abs(a[i]! - b[i]!), 0) / inside.length;
}

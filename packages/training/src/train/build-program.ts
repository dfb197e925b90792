import {
  composePolicy,
  extractProgram,
  programCost,
  type ComposedPolicy,
  type Parameter,
  type PluginRegistry,
  type Program,
  type ProgramCost,
} from "@pixelvla/core";
import { trainProgram, type OptimizerConfig } from "@pixelvla/engines";
import type { TrainingRecipe } from "../recipe/load-recipe.ts";
import type { TrainingOptions } from "../training-options.ts";
import { stageOf, trainableParameters, type Stage } from "./stages.ts";

/** A recipe compiled for training: graph, program and what trains. */
export interface BuiltTraining {
  readonly stage: Stage;
  readonly policy: ComposedPolicy;
  readonly program: Program;
  readonly trained: readonly Parameter[];
  readonly cost: ProgramCost;
}

/** Composes the policy for its stage and appends the backward graph. @throws PVLA_STAGE, PVLA_INCOMPATIBLE, PVLA_CONFIG */
export function buildTraining({ recipe, training }: TrainingRecipe, registry: PluginRegistry): BuiltTraining {
  const stage = stageOf(recipe, training.stage);
  const { batchSize: batch } = training;
  const { auxiliary, objective } = training;
  const withoutPixelParts = stage.withoutPixelParts || objective === "auxiliary";
  const policy = composePolicy(recipe, registry, { batch, mode: "train", withoutPixelParts, auxiliary, objective });
  const { parameters } = extractProgram(policy.graph, { loss: policy.loss! });
  const trained = trainableParameters(recipe, stage, parameters, training.trainable);
  const program = trainProgram(policy.loss!, trained, policy.metrics);
  const names = new Set(trained.map(({ name }) => name));
  const cost = programCost(program, { trainable: ({ name }) => names.has(name) });
  return { stage, policy, program, trained, cost };
}

/** The recipe's optimizer and schedule as the engine wants them; groups are resolved to parameter names. */
export function optimizerConfig(
  { optimizer, schedule, steps }: TrainingOptions,
  trained: readonly Parameter[],
): OptimizerConfig {
  const taken = new Set<string>();
  const groups = optimizer.groups
    .map(({ match, learningRate, weightDecay }) => {
      const expression = new RegExp(match);
      const parameters = trained.map(({ name }) => name).filter((name) => !taken.has(name) && expression.test(name));
      for (const name of parameters) taken.add(name);
      return {
        parameters,
        ...(learningRate === undefined ? {} : { learningRate }),
        ...(weightDecay === undefined ? {} : { weightDecay }),
      };
    })
    .filter(({ parameters }) => parameters.length > 0);
  const common = {
    learningRate: optimizer.learningRate,
    weightDecay: optimizer.weightDecay,
    groups,
    schedule: { ...schedule, totalSteps: steps },
    ...(optimizer.clipNorm === null ? {} : { clipNorm: optimizer.clipNorm }),
    ...(optimizer.emaDecay === null ? {} : { emaDecay: optimizer.emaDecay }),
  };
  return optimizer.kind === "adamw"
    ? { kind: "adamw", betas: optimizer.betas, epsilon: optimizer.epsilon, ...common }
    : { kind: "sgd", momentum: optimizer.momentum, ...common };
}

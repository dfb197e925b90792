import { composePolicy, extractProgram, programCost, type ProgramCost, type Recipe } from "@pixelvla/core";
import { onnxruntimeEngine, type Executable, type ProviderName } from "@pixelvla/engines";
import { parse } from "yaml";
import { findCheckpoint } from "../checkpoint/find-checkpoint.ts";
import { readPolicyWeights, readTrainCheckpoint } from "../checkpoint/train-checkpoint.ts";
import { weightMismatch } from "../errors.ts";
import { checkRecipe, type TrainingRecipe } from "../recipe/load-recipe.ts";
import { builtinRegistry } from "../recipe/registry.ts";
import { recipeText, type RecipeText } from "../recipe/tokenizer.ts";
import { assembleBatch, type BatchSpec } from "../samples/batch.ts";
import { batchSpec } from "../samples/for-recipe.ts";
import type { Sample } from "../samples/sample-store.ts";
import { unnormaliseRow, type DatasetStatistics } from "../samples/statistics.ts";
import type { PromptKind } from "../samples/visual-prompts.ts";
import { bindBase, matchWeights } from "../train/initial-weights.ts";
import { stageOf } from "../train/stages.ts";
import { visionAttention, type VisionAttention } from "./vision-attention.ts";

export interface RunPolicyOptions {
  /** Default `"cpu"`. */
  readonly provider?: ProviderName;
  /** Threads of one operator; default: physical cores. */
  readonly threads?: number;
  /** Also compute where the action tokens look; see `look`. */
  readonly attention?: boolean;
}

/** A trained policy ready to predict: compiled for one sample, with its tokenizer and normalisation. Close it when done. */
export class RunPolicy {
  /** Checkpoint folder the weights came from. */
  readonly checkpoint: string;
  readonly trainStep: number;
  readonly statistics: DatasetStatistics;
  readonly trainingRecipe: TrainingRecipe;
  /** Parameters and operations of one prediction, by part. */
  readonly cost: ProgramCost;
  readonly #executable: Executable;
  readonly #spec: BatchSpec;
  readonly #text: RecipeText;
  readonly #attention: Omit<VisionAttention, "tensor"> | undefined;

  private constructor(
    parts: Pick<RunPolicy, "checkpoint" | "trainStep" | "statistics" | "trainingRecipe" | "cost">,
    executable: Executable,
    spec: BatchSpec,
    attention: Omit<VisionAttention, "tensor"> | undefined,
  ) {
    this.checkpoint = parts.checkpoint;
    this.trainStep = parts.trainStep;
    this.statistics = parts.statistics;
    this.trainingRecipe = parts.trainingRecipe;
    this.cost = parts.cost;
    this.#attention = attention;
    this.#executable = executable;
    this.#spec = spec;
    this.#text = recipeText(parts.trainingRecipe.recipe, builtinRegistry());
  }

  /**
   * Loads a checkpoint folder, or a run's latest one; the moving average where it keeps one.
   * @throws PVLA_RUN, PVLA_NO_CHECKPOINT, PVLA_WEIGHTS, PVLA_CONFIG
   */
  static async load(
    run: string,
    { provider = "cpu", threads, attention = false }: RunPolicyOptions = {},
  ): Promise<RunPolicy> {
    const checkpoint = findCheckpoint(run);
    const { progress, statistics, recipe: document } = readTrainCheckpoint(checkpoint);
    const trainingRecipe = checkRecipe(parse(document));
    const { recipe, training } = trainingRecipe;
    const { withoutPixelParts } = stageOf(recipe, training.stage);
    const policy = composePolicy(recipe, builtinRegistry(), { batch: 1, mode: "predict", withoutPixelParts });
    await bindBase(policy.graph, recipe);
    const chunk = policy.chunk!;
    const cost = programCost(extractProgram(policy.graph, { chunk }));
    const looks = attention ? visionAttention(policy) : undefined;
    const outputs = { chunk, ...(looks === undefined ? {} : { attention: looks.tensor }) };
    const program = extractProgram(policy.graph, outputs);
    const { values, fresh } = matchWeights(program.parameters, await readPolicyWeights(checkpoint), checkpoint);
    if (fresh[0] !== undefined) throw weightMismatch(fresh[0], "missing", "every weight of the policy", checkpoint);
    const executable = await onnxruntimeEngine({ provider }).compile(program, {
      values,
      ...(threads === undefined ? {} : { threads }),
    });
    const parts = { checkpoint, trainStep: progress.step, statistics, trainingRecipe, cost };
    return new RunPolicy(parts, executable, batchSpec(trainingRecipe, policy, program), looks);
  }

  get recipe(): Recipe {
    return this.trainingRecipe.recipe;
  }

  /**
   * The chunk `[Nc, A]` for a sample, normalised. `visit` seeds the draws of sampling decoders and of the prompt kind.
   * @param promptKind visual prompt for policies that take one; default: one of the recipe's kinds
   */
  async normalisedChunk(sample: Sample, options: ChunkOptions = {}): Promise<Float32Array> {
    return (await this.look(sample, options)).chunk;
  }

  /** The same chunk with where the action tokens looked (option `attention` of `load`) and how long its parts took. */
  async look(sample: Sample, { visit = 0, promptKind }: ChunkOptions = {}): Promise<Look> {
    const kinds = promptKind === undefined ? this.#spec.prompts.kinds : [promptKind];
    const spec = { ...this.#spec, prompts: { kinds, dropout: 0, jitterPx: 0 } };
    const startMs = performance.now();
    const feeds = assembleBatch([sample], [visit], spec, this.#text);
    const fedMs = performance.now();
    const { chunk, attention } = await this.#executable.run(feeds);
    const modelMs = performance.now() - fedMs;
    const latency = { feedMs: fedMs - startMs, modelMs };
    if (this.#attention === undefined) return { chunk: chunk as Float32Array, latency };
    const { layers, grid } = this.#attention;
    return { chunk: chunk as Float32Array, latency, attention: { layers, grid, weights: attention as Float32Array } };
  }

  /** A normalised chunk `[Nc, A]` in the dataset's units. */
  inUnits(chunk: Float32Array): Float32Array {
    const copy = chunk.slice();
    const { actionDim } = this.recipe;
    for (let i = 0; i < copy.length; i += actionDim)
      unnormaliseRow(copy.subarray(i, i + actionDim), this.statistics.action);
    return copy;
  }

  close(): Promise<void> {
    return this.#executable.dispose();
  }
}

/** A prediction and what went into it. */
export interface Look {
  /** `[Nc, A]`, normalised. */
  readonly chunk: Float32Array;
  /** Milliseconds for assembling the inputs (tokens, normalisation) and for the graph. */
  readonly latency: { readonly feedMs: number; readonly modelMs: number };
  readonly attention?: {
    readonly layers: readonly string[];
    /** Rows and columns of the vision tokens. */
    readonly grid: readonly [number, number];
    /** `[L, N]`: share of the action tokens' attention on each vision token; the rest of each row lies on other tokens. */
    readonly weights: Float32Array;
  };
}

export interface ChunkOptions {
  readonly visit?: number;
  readonly promptKind?: PromptKind;
}

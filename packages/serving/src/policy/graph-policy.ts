import { composePolicy, extractProgram, sizeOf, type HostArray } from "@pixelvla/core";
import { onnxruntimeEngine, type Executable, type ProviderName } from "@pixelvla/engines";
import {
  assembleBatch,
  batchSpec,
  bindBase,
  builtinRegistry,
  fitImage,
  matchWeights,
  normaliseRow,
  recipeText,
  stageOf,
  unnormaliseRow,
  type BatchSpec,
  type RecipeText,
  type Sample,
} from "@pixelvla/training";
import { badChunk, badObservation, noPolicy } from "../errors.ts";
import type { GraphSource } from "./open-source.ts";
import type { PolicyInfo, PolicyObservation, ServedPolicy } from "./served-policy.ts";

export interface GraphPolicyOptions {
  readonly provider?: ProviderName | "auto";
  readonly threads?: number;
  /** Largest batch; programs are compiled for 1, 2, 4, … up to it. Default 8, or 1 from 300 M weights on. */
  readonly maxBatch?: number;
}

/** From here on one compiled program is kept: each holds its own copy of the weights. */
const LARGE = 300e6;
const NOTHING = new Float32Array();

/** A composed policy compiled for a few batch sizes. */
export class GraphPolicy implements ServedPolicy {
  readonly info: PolicyInfo;
  readonly #source: GraphSource;
  readonly #executables: ReadonlyMap<number, Executable>;
  readonly #spec: BatchSpec;
  readonly #text: RecipeText;

  private constructor(
    source: GraphSource,
    info: PolicyInfo,
    executables: ReadonlyMap<number, Executable>,
    spec: BatchSpec,
  ) {
    this.info = info;
    this.#source = source;
    this.#executables = executables;
    this.#spec = spec;
    this.#text = recipeText(source.trainingRecipe.recipe, builtinRegistry());
  }

  /** Compiles the policy. @throws PVLA_WEIGHTS, PVLA_INCOMPATIBLE, PVLA_ENGINE_COMPILE, PVLA_PROVIDER_ABSENT */
  static async open(source: GraphSource, options: GraphPolicyOptions = {}): Promise<GraphPolicy> {
    const { recipe, training } = source.trainingRecipe;
    const { withoutPixelParts } = stageOf(recipe, training.stage);
    const weights = await source.weights();
    const engine = onnxruntimeEngine({ provider: options.provider ?? "cpu" });
    const executables = new Map<number, Executable>();
    let facts: { spec: BatchSpec; nParameters: number; nRandom: number } | undefined;
    let maxBatch = 1;
    try {
      for (let batch = 1; batch <= maxBatch; batch *= 2) {
        const policy = composePolicy(recipe, builtinRegistry(), { batch, mode: "predict", withoutPixelParts });
        await bindBase(policy.graph, recipe);
        const program = extractProgram(policy.graph, { chunk: policy.chunk! });
        const { values, fresh } = matchWeights(program.parameters, weights, source.path);
        if (source.kind === "run" && fresh[0] !== undefined)
          throw noPolicy(source.path, `a checkpoint without the weight ${fresh[0]}`);
        const count = (names?: ReadonlySet<string>) =>
          program.parameters
            .filter(({ name }) => names?.has(name) ?? true)
            .reduce((sum, { tensor }) => sum + sizeOf(tensor.shape), 0);
        if (facts === undefined) {
          const nParameters = count();
          facts = {
            spec: batchSpec(source.trainingRecipe, policy, program),
            nParameters,
            nRandom: count(new Set(fresh)),
          };
          maxBatch = options.maxBatch ?? (nParameters < LARGE ? 8 : 1);
        }
        executables.set(
          batch,
          await engine.compile(program, {
            values,
            seed: training.seed,
            ...(options.threads === undefined ? {} : { threads: options.threads }),
          }),
        );
      }
    } catch (error) {
      for (const executable of executables.values()) await executable.dispose();
      throw error;
    }
    const { spec, nParameters, nRandom } = facts!;
    const hasPixelParts = recipe.pixelEncoder !== null || recipe.promptEncoder !== null;
    const info: PolicyInfo = {
      name: recipe.name,
      source: source.path,
      chunkSize: recipe.chunkSize,
      executeSteps: Math.min(recipe.executeSteps, recipe.chunkSize),
      actionDim: recipe.actionDim,
      stateDim: recipe.stateDim,
      image: recipe.image,
      takesPrompts: hasPixelParts && !withoutPixelParts,
      nParameters,
      nRandom,
      ...(source.trainStep === undefined ? {} : { trainStep: source.trainStep }),
      ...(source.statistics === undefined ? {} : { statistics: source.statistics }),
      maxBatch: Math.max(...executables.keys()),
    };
    return new GraphPolicy(source, info, executables, spec);
  }

  async predict(observations: readonly PolicyObservation[]): Promise<readonly Float32Array[]> {
    const samples = await Promise.all(observations.map((observation) => this.#sample(observation)));
    const { chunkSize, actionDim, maxBatch, name } = this.info;
    const chunks: Float32Array[] = [];
    for (let from = 0; from < samples.length; from += maxBatch) {
      const group = samples.slice(from, from + maxBatch);
      const batch = Math.min(maxBatch, 2 ** Math.ceil(Math.log2(group.length)));
      const executable = this.#executables.get(batch)!;
      const visits = observations.slice(from, from + maxBatch).map(({ visit }) => visit);
      // A program's batch is fixed: the last sample is repeated, its copies' results are dropped.
      while (group.length < batch) {
        group.push(group.at(-1)!);
        visits.push(visits.at(-1)!);
      }
      const feeds = this.#feeds(group, visits, observations.slice(from, from + maxBatch));
      const { chunk } = await executable.run(feeds, { transfer: true });
      const size = chunkSize * actionDim;
      const flat = chunk as Float32Array;
      for (let i = 0; i < Math.min(maxBatch, samples.length - from); i++)
        chunks.push(this.#inUnits(flat.slice(i * size, (i + 1) * size), name));
    }
    return chunks;
  }

  async close(): Promise<void> {
    for (const executable of this.#executables.values()) await executable.dispose();
  }

  #feeds(
    samples: readonly Sample[],
    visits: readonly number[],
    observations: readonly PolicyObservation[],
  ): Record<string, HostArray> {
    // The prompt's kind is the user's, so that nothing is drawn; samples of one batch may differ in it.
    const kinds = new Set(observations.map(({ promptKind }) => promptKind).filter((kind) => kind !== undefined));
    if (kinds.size <= 1) {
      const [kind] = kinds;
      const prompts = { kinds: kind === undefined ? this.#spec.prompts.kinds : [kind], dropout: 0, jitterPx: 0 };
      return assembleBatch(samples, visits, { ...this.#spec, prompts }, this.#text);
    }
    const parts = samples.map((sample, i) => {
      const kind = observations[Math.min(i, observations.length - 1)]!.promptKind ?? "mask";
      return assembleBatch(
        [sample],
        [visits[i]!],
        { ...this.#spec, prompts: { kinds: [kind], dropout: 0, jitterPx: 0 } },
        this.#text,
      );
    });
    return joined(parts);
  }

  async #sample({ image, state, instruction, annotation }: PolicyObservation): Promise<Sample> {
    const { recipe } = this.#source.trainingRecipe;
    const fitted = await fitImage(image, recipe.image);
    const normalised = state.slice();
    if (recipe.stateDim > 0) {
      if (state.length !== recipe.stateDim)
        throw badObservation(`a state of ${state.length} values`, `${recipe.stateDim} for "${recipe.name}"`);
      if (this.#source.statistics !== undefined) normaliseRow(normalised, this.#source.statistics.proprio);
    }
    return {
      episodeIndex: 0,
      frameIndex: 0,
      instruction,
      image: fitted,
      state: normalised,
      chunk: { actions: NOTHING, weights: NOTHING },
      annotation,
    };
  }

  #inUnits(chunk: Float32Array, name: string): Float32Array {
    const { actionDim } = this.info;
    const bad = chunk.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw badChunk(name, `${chunk[bad]!} at [${Math.floor(bad / actionDim)}, ${bad % actionDim}]`);
    const { statistics } = this.#source;
    if (statistics !== undefined)
      for (let i = 0; i < chunk.length; i += actionDim)
        unnormaliseRow(chunk.subarray(i, i + actionDim), statistics.action);
    return chunk;
  }
}

/** Feeds of single samples as one batch. */
function joined(parts: readonly Record<string, HostArray>[]): Record<string, HostArray> {
  return Object.fromEntries(
    Object.entries(parts[0]!).map(([name, first]) => {
      const whole = new (first.constructor as new (length: number) => Float32Array)(first.length * parts.length);
      parts.forEach((part, i) => whole.set(part[name] as Float32Array, i * first.length));
      return [name, whole];
    }),
  );
}

import { initialValues, workerEntry, type Parameter, type Program } from "@pixelvla/core";
import type { CompileOptions, Feeds, ProviderName, RunOptions } from "../engine.ts";
import { chooseOrtProvider } from "../onnxruntime/onnxruntime-engine.ts";
import { placeModel, removeTemporary } from "../onnxruntime/placed-model.ts";
import type { SessionSettings } from "../onnxruntime/ort-session.ts";
import { flatLayout, slotViews, type FlatSlot } from "../optimizer/flat-layout.ts";
import type { OptimizerConfig } from "../optimizer/optimizer-config.ts";
import { momentNames } from "../optimizer/optimizer.ts";
import { buffersOf, checkFeeds, hostLength, type TensorSpec } from "../tensor-spec.ts";
import { WorkerChannel } from "../worker/worker-channel.ts";
import { readFileWeights } from "./read-file-weights.ts";
import { trainedParameters } from "./train-program.ts";
import { flatten, unflatten, type FlatState, type TrainState } from "./train-state.ts";
import type { StepReport, StepRequest, TrainWorkerSetup } from "./train-messages.ts";

export interface TrainSessionOptions extends Pick<CompileOptions, "values" | "seed" | "threads" | "widenWeights"> {
  readonly optimizer: OptimizerConfig;
  /** Default `"cpu"`. */
  readonly provider?: ProviderName | "auto";
  /** Inputs that are the same for every micro-batch (tables, noise-free constants). */
  readonly sharedInputs?: readonly string[];
  /** State to continue from; see `TrainSession.load`. */
  readonly state?: TrainState;
  /** Writes onnxruntime's profile to files that start with this path. */
  readonly profile?: string;
}

/**
 * One training run: forward and backward graph, parameters and optimizer, all in one worker thread. Parameters live in
 * one flat buffer that the graph reads in place; gradients are written in place into another.
 */
export class TrainSession {
  /** Trained parameters, in the order of the flat buffers. */
  readonly parameters: readonly FlatSlot[];
  readonly #channel: WorkerChannel;
  readonly #inputs: readonly TensorSpec[];
  readonly #shared: ReadonlySet<string>;
  readonly #roles: readonly string[];
  readonly #length: number;

  private constructor(
    channel: WorkerChannel,
    layout: { slots: readonly FlatSlot[]; length: number },
    inputs: readonly TensorSpec[],
    options: TrainSessionOptions,
  ) {
    this.#channel = channel;
    this.parameters = layout.slots;
    this.#length = layout.length;
    this.#inputs = inputs;
    this.#shared = new Set(options.sharedInputs);
    this.#roles = stateRoles(options.optimizer);
  }

  /**
   * Compiles a train program (see `trainOutputs`). Trained parameters start from `values`, else from their file, else from
   * their initialiser.
   * @throws PVLA_TRAIN_PROGRAM, PVLA_ENGINE_COMPILE, PVLA_WEIGHTS, PVLA_TRAIN_STATE
   */
  static async create(program: Program, options: TrainSessionOptions): Promise<TrainSession> {
    const { optimizer, seed = 0, values, state } = options;
    const trained = trainedParameters(program);
    const { slots, length } = flatLayout(trained.map(({ name, tensor }) => ({ name, shape: tensor.shape })));
    const parameters = new Float32Array(length);
    const views = slotViews(slots, parameters);
    for (const parameter of trained) views[parameter.name]!.set(firstValues(parameter, values, seed));

    const names = new Set(trained.map(({ name }) => name));
    const model = placeModel(program, {
      seed,
      fed: ({ name }) => names.has(name),
      ...(values === undefined ? {} : { values }),
    });
    const inputs = model.inputs.filter(({ name }) => !names.has(name));
    const provider = await chooseOrtProvider(options.provider ?? "cpu");
    const settings: SessionSettings = {
      provider,
      threads: options.threads,
      widenWeights: options.widenWeights ?? "once",
      ...(options.profile === undefined ? {} : { profile: options.profile }),
    };
    const { bytes, weightsFolder, hasBlockWeights, outputs } = model;
    const channel = new WorkerChannel("train session", workerEntry(import.meta.url, "./train-worker").thread);
    const session = new TrainSession(channel, { slots, length }, inputs, options);
    try {
      const setup: TrainWorkerSetup = {
        model: { bytes, weightsFolder, hasBlockWeights, inputs: model.inputs, outputs },
        settings,
        slots,
        parameters,
        optimizer,
      };
      await channel.call("open", setup, { transfer: [parameters.buffer] });
      if (state !== undefined) await session.load(state);
    } catch (error) {
      await channel.end();
      throw error;
    } finally {
      removeTemporary(model);
    }
    return session;
  }

  /**
   * One train step. Feeds hold one or more micro-batches one after the other: gradients are averaged over them before the
   * update, so memory is that of one. Inputs in `sharedInputs` are fed once.
   * @throws PVLA_NONFINITE (nothing updated), PVLA_FEEDS, PVLA_ENGINE_CRASHED, PVLA_CANCELLED
   */
  step(feeds: Feeds, options: Omit<RunOptions, "into"> = {}): Promise<StepReport> {
    return this.#call("step", feeds, options);
  }

  /** Loss, metrics and gradients of a batch, without an update. */
  async evaluate(
    feeds: Feeds,
  ): Promise<{ loss: number; metrics: Record<string, number>; gradients: Record<string, Float32Array> }> {
    const result = await this.#call<{ scalars: Record<string, number>; gradients: Float32Array }>(
      "evaluate",
      feeds,
      {},
    );
    const { loss, ...metrics } = result.scalars;
    return { loss: loss!, metrics, gradients: slotViews(this.parameters, result.gradients) };
  }

  /** A copy of parameters, moments, average and step count, taken between two steps. */
  async save(): Promise<TrainState> {
    return unflatten(this.parameters, await this.#channel.call<FlatState>("save", undefined));
  }

  /**
   * Continues from a saved state, bit for bit.
   * @throws PVLA_TRAIN_STATE when it belongs to other parameters or another optimizer
   */
  async load(state: TrainState): Promise<void> {
    const flat = flatten(this.parameters, this.#length, this.#roles, state);
    await this.#channel.call("load", flat, { transfer: buffersOf(Object.values(flat.buffers)) });
  }

  async dispose(): Promise<void> {
    await this.#channel.call("close", undefined).catch(() => undefined);
    await this.#channel.end();
  }

  async #call<T>(
    method: string,
    feeds: Feeds,
    { transfer = false, signal, timeoutMs }: Omit<RunOptions, "into">,
  ): Promise<T> {
    const split = this.#inputs.filter(({ name }) => !this.#shared.has(name));
    const first = split[0];
    const fedLength = first === undefined ? 1 : (feeds[first.name]?.length ?? 0) / hostLength(first);
    const count = Math.max(1, Math.floor(fedLength));
    checkFeeds(this.#inputs, feeds, (name) => (this.#shared.has(name) ? 1 : count));
    const request: StepRequest = { feeds, count, split: split.map(({ name }) => name) };
    return this.#channel.call<T>(method, request, {
      transfer: transfer ? buffersOf(Object.values(feeds)) : [],
      signal,
      timeoutMs,
    });
  }
}

function stateRoles(config: OptimizerConfig): string[] {
  return ["parameter", ...momentNames(config), ...(config.emaDecay === undefined ? [] : ["ema"])];
}

function firstValues(parameter: Parameter, values: CompileOptions["values"], seed: number): Float32Array {
  const given = values?.get(parameter.name);
  if (given !== undefined) return given;
  return parameter.source.kind === "file" ? readFileWeights(parameter) : initialValues(parameter, seed);
}

import type { HostArray } from "@pixelvla/core";
import { performance } from "node:perf_hooks";
import { nonFinite } from "../errors.ts";
import { OrtSession } from "../onnxruntime/ort-session.ts";
import type { FlatKernels } from "../optimizer/flat-kernels.ts";
import { flatMemory } from "../optimizer/flat-memory.ts";
import { slotViews, type FlatSlot } from "../optimizer/flat-layout.ts";
import { extraBuffers, momentNames, Optimizer } from "../optimizer/optimizer.ts";
import { buffersOf } from "../tensor-spec.ts";
import { serveWorker, Transferred } from "../worker/serve-worker.ts";
import { gradientOutput, LOSS } from "./train-program.ts";
import type { StepReport, StepRequest, TrainWorkerSetup } from "./train-messages.ts";
import type { FlatState } from "./train-state.ts";

/** Parameters, gradients, optimizer and session of one training run, all in this thread. */
class Trainer {
  #step = 0;
  readonly #session: OrtSession;
  readonly #slots: readonly FlatSlot[];
  readonly #optimizer: Optimizer;
  readonly #kernels: FlatKernels;
  readonly #parameterViews: Record<string, Float32Array>;
  readonly #gradients: Float32Array;
  /** Sum over micro-batches. */
  readonly #sum: Float32Array;
  readonly #outputs: Record<string, HostArray>;
  readonly #scalars: Record<string, Float32Array>;

  private constructor(session: OrtSession, setup: TrainWorkerSetup) {
    this.#session = session;
    const { optimizer, slots } = setup;
    this.#slots = slots;
    const { buffers, kernels } = flatMemory(setup.parameters.length, 3 + extraBuffers(optimizer));
    const [parameters, gradients, sum] = buffers as [Float32Array, Float32Array, Float32Array];
    const extra = buffers.slice(3);
    parameters.set(setup.parameters);
    const moments = extra.slice(0, momentNames(optimizer).length);
    const average = optimizer.emaDecay === undefined ? undefined : extra.at(-1);
    this.#optimizer = new Optimizer(optimizer, slots, { parameters, moments, average }, kernels);
    this.#kernels = kernels;
    this.#parameterViews = slotViews(slots, parameters);
    this.#gradients = gradients;
    this.#sum = sum;
    const views = slotViews(setup.slots, this.#gradients);
    this.#scalars = {};
    this.#outputs = {};
    for (const { name } of setup.slots) this.#outputs[gradientOutput(name)] = views[name]!;
    for (const { name } of setup.model.outputs) {
      if (this.#outputs[name] === undefined) this.#outputs[name] = this.#scalars[name] = new Float32Array(1);
    }
  }

  static async open(setup: TrainWorkerSetup): Promise<Trainer> {
    return new Trainer(await OrtSession.create(setup.model, setup.settings), setup);
  }

  /** @throws PVLA_NONFINITE with nothing updated */
  async step(request: StepRequest): Promise<StepReport> {
    const start = performance.now();
    const { gradients, scalars } = await this.#gradientsOf(request);
    const scale = 1 / request.count;
    const { loss, ...metrics } = Object.fromEntries(Object.entries(scalars).map(([k, v]) => [k, v * scale]));
    const beforeUpdate = performance.now();
    const report = Number.isFinite(loss) ? this.#optimizer.update(this.#step, gradients, scale) : undefined;
    if (report === undefined) throw nonFinite(this.#step + 1, loss!, this.#nonFiniteIn(gradients));
    this.#step++;
    const end = performance.now();
    return {
      step: this.#step,
      loss: loss!,
      metrics,
      ...report,
      durationMs: end - start,
      optimizerMs: end - beforeUpdate,
    };
  }

  /** Loss, metrics and gradients of a batch without an update; gradients as one flat copy. */
  async evaluate(request: StepRequest): Promise<{ scalars: Record<string, number>; gradients: Float32Array }> {
    const { gradients, scalars } = await this.#gradientsOf(request);
    const scale = 1 / request.count;
    return {
      scalars: Object.fromEntries(Object.entries(scalars).map(([k, v]) => [k, v * scale])),
      gradients: gradients.map((g) => g * scale),
    };
  }

  async #gradientsOf({ feeds, count, split }: StepRequest): Promise<{
    gradients: Float32Array;
    scalars: Record<string, number>;
  }> {
    const scalars: Record<string, number> = { [LOSS]: 0 };
    for (let i = 0; i < count; i++) {
      const batch: Record<string, HostArray> = { ...this.#parameterViews, ...feeds };
      if (count > 1) for (const name of split) batch[name] = slice(feeds[name]!, i, count);
      await this.#session.run(batch, this.#outputs);
      for (const [name, value] of Object.entries(this.#scalars)) scalars[name] = (scalars[name] ?? 0) + value[0]!;
      if (count > 1 && i === 0) this.#sum.set(this.#gradients);
      else if (count > 1) this.#kernels.accumulate(this.#sum, this.#gradients);
    }
    return { gradients: count > 1 ? this.#sum : this.#gradients, scalars };
  }

  #nonFiniteIn(gradients: Float32Array): string[] {
    return this.#slots
      .filter(({ start, length }) => !gradients.subarray(start, start + length).every(Number.isFinite))
      .map(({ name }) => name);
  }

  /** Copies of every flat buffer. */
  save(): FlatState {
    const buffers: Record<string, Float32Array> = {};
    for (const [role, flat] of this.#roles()) buffers[role] = flat.slice();
    return { step: this.#step, buffers };
  }

  load({ step, buffers }: FlatState): void {
    for (const [role, flat] of this.#roles()) flat.set(buffers[role]!);
    this.#step = step;
  }

  #roles(): [string, Float32Array][] {
    const { buffers, config } = this.#optimizer;
    const { parameters, moments, average } = buffers;
    return [
      ["parameter", parameters],
      ...momentNames(config).map((name, i): [string, Float32Array] => [name, moments[i]!]),
      ...(average === undefined ? [] : [["ema", average] satisfies [string, Float32Array]]),
    ];
  }

  async close(): Promise<void> {
    await this.#session.dispose();
  }
}

const slice = (data: HostArray, index: number, count: number): HostArray =>
  data.subarray((index * data.length) / count, ((index + 1) * data.length) / count);

let trainer: Trainer | undefined;

serveWorker({
  async open(setup: TrainWorkerSetup) {
    trainer = await Trainer.open(setup);
  },
  step: (request: StepRequest) => trainer!.step(request),
  async evaluate(request: StepRequest) {
    const result = await trainer!.evaluate(request);
    return new Transferred(result, buffersOf([result.gradients]));
  },
  save() {
    const state = trainer!.save();
    return new Transferred(state, buffersOf(Object.values(state.buffers)));
  },
  load: (state: FlatState) => trainer!.load(state),
  close: () => trainer?.close(),
});

import { workerEntry, type Program } from "@pixelvla/core";
import type { CompileOptions, Executable, Feeds, Outputs, ProviderName, RunOptions } from "../engine.ts";
import { buffersOf, checkFeeds, type TensorSpec } from "../tensor-spec.ts";
import { WorkerChannel } from "../worker/worker-channel.ts";
import type { SessionSettings } from "./ort-session.ts";
import { placeModel, removeTemporary } from "./placed-model.ts";

/** A program compiled by onnxruntime in a worker thread of its own. */
export class OrtExecutable implements Executable {
  readonly provider: ProviderName;
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly #channel: WorkerChannel;
  readonly #inputs: readonly TensorSpec[];

  private constructor(
    provider: ProviderName,
    channel: WorkerChannel,
    inputs: readonly TensorSpec[],
    outputs: readonly TensorSpec[],
  ) {
    this.provider = provider;
    this.#channel = channel;
    this.#inputs = inputs;
    this.inputNames = inputs.map(({ name }) => name);
    this.outputNames = outputs.map(({ name }) => name);
  }

  static async compile(program: Program, provider: ProviderName, options: CompileOptions): Promise<OrtExecutable> {
    const model = placeModel(program, options);
    const { bytes, weightsFolder, hasBlockWeights, inputs, outputs } = model;
    const channel = new WorkerChannel(`${provider} engine`, workerEntry(import.meta.url, "./run-worker").thread);
    const settings: SessionSettings = {
      provider,
      threads: options.threads,
      widenWeights: options.widenWeights ?? "once",
    };
    try {
      await channel.call("open", { model: { bytes, weightsFolder, hasBlockWeights, inputs, outputs }, settings });
    } catch (error) {
      await channel.end();
      throw error;
    } finally {
      removeTemporary(model); // mapped by now; the mapping outlives the name
    }
    return new OrtExecutable(provider, channel, inputs, outputs);
  }

  async run(feeds: Feeds, { transfer = false, into = {}, signal, timeoutMs }: RunOptions = {}): Promise<Outputs> {
    checkFeeds(this.#inputs, feeds);
    return this.#channel.call<Outputs>(
      "run",
      { feeds, into },
      { transfer: buffersOf([...(transfer ? Object.values(feeds) : []), ...Object.values(into)]), signal, timeoutMs },
    );
  }

  async dispose(): Promise<void> {
    await this.#channel.call("close", undefined).catch(() => undefined);
    await this.#channel.end();
  }
}

import { workerEntry, type Program } from "@pixelvla/core";
import type {
  CompileOptions,
  Engine,
  Executable,
  Feeds,
  Outputs,
  ProviderName,
  ProviderReport,
  RunOptions,
} from "../engine.ts";
import { providerAbsent } from "../errors.ts";
import { buffersOf, checkFeeds, type TensorSpec } from "../tensor-spec.ts";
import { WorkerChannel } from "../worker/worker-channel.ts";
import { TFJS_PROVIDERS, type TfjsProvider } from "./backends.ts";
import { wireProgram } from "./wire-program.ts";

export interface TfjsOptions {
  /** A backend by name, or `"auto"` (default): the first present of tfjs-node-gpu, tfjs-node, tfjs-webgpu, tfjs-wasm. */
  readonly provider?: TfjsProvider | "auto";
}

/** The TensorFlow.js engine: interprets programs node by node in a worker thread. */
export function tfjsEngine({ provider = "auto" }: TfjsOptions = {}): Engine {
  return {
    name: "tfjs",
    providers: tfjsProviders,
    async compile(program, options = {}) {
      const wanted = provider === "auto" ? TFJS_PROVIDERS : [provider];
      const reasons: string[] = [];
      for (const candidate of wanted) {
        const started = await start(candidate);
        if (started instanceof WorkerChannel) return TfjsExecutable.open(started, candidate, program, options);
        reasons.push(started);
      }
      const reports = await tfjsProviders();
      throw providerAbsent(
        provider,
        reasons.join("; "),
        reports.filter((r) => r.present).map((r) => r.provider),
      );
    },
  };
}

let cached: Promise<readonly ProviderReport[]> | undefined;

/** Every tfjs backend on this machine; tried once per process. */
function tfjsProviders(): Promise<readonly ProviderReport[]> {
  cached ??= Promise.all(
    TFJS_PROVIDERS.map(async (provider): Promise<ProviderReport> => {
      const started = await start(provider);
      if (typeof started === "string") return { provider, present: false, detail: started };
      await started.end();
      return { provider, present: true, detail: "loads and starts" };
    }),
  );
  return cached;
}

/** A worker with the backend running, or why there is none. */
async function start(provider: TfjsProvider): Promise<WorkerChannel | string> {
  const channel = new WorkerChannel(`${provider} engine`, workerEntry(import.meta.url, "./tfjs-worker").thread);
  try {
    await channel.call("load", provider);
    return channel;
  } catch (error) {
    await channel.end();
    return (error as Error).message;
  }
}

class TfjsExecutable implements Executable {
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

  static async open(
    channel: WorkerChannel,
    provider: ProviderName,
    program: Program,
    options: CompileOptions,
  ): Promise<TfjsExecutable> {
    try {
      const wire = wireProgram(program, options);
      await channel.call("open", wire);
      return new TfjsExecutable(provider, channel, wire.inputs, wire.outputs);
    } catch (error) {
      await channel.end();
      throw error;
    }
  }

  async run(feeds: Feeds, { transfer = false, signal, timeoutMs }: RunOptions = {}): Promise<Outputs> {
    checkFeeds(this.#inputs, feeds);
    return this.#channel.call<Outputs>(
      "run",
      { feeds },
      { transfer: transfer ? buffersOf(Object.values(feeds)) : [], signal, timeoutMs },
    );
  }

  async dispose(): Promise<void> {
    await this.#channel.call("close", undefined).catch(() => undefined);
    await this.#channel.end();
  }
}

import { InferenceSession, Tensor } from "onnxruntime-node";
import { hostArray, type HostArray } from "@pixelvla/core";
import { compileFailed, runFailed } from "../errors.ts";
import { hostLength, type TensorSpec } from "../tensor-spec.ts";
import type { ProviderName } from "../engine.ts";

/** How a session is set up; plain data, so it crosses threads. */
export interface SessionSettings {
  readonly provider: ProviderName;
  readonly threads: number | undefined;
  readonly widenWeights: "once" | "every run";
  /** Writes onnxruntime's profile to files that start with this path. */
  readonly profile?: string;
}

export interface SessionModel {
  readonly bytes: Uint8Array;
  readonly weightsFolder: string | undefined;
  readonly hasBlockWeights: boolean;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/**
 * One onnxruntime session. `run` blocks this thread, so it belongs in a worker; tensors are views of the arrays given,
 * inputs are read and outputs written in place.
 */
export class OrtSession {
  readonly #session: InferenceSession;
  readonly #model: Pick<SessionModel, "inputs" | "outputs">;

  readonly #profiling: boolean;

  private constructor(session: InferenceSession, { inputs, outputs }: SessionModel, profiling: boolean) {
    this.#session = session;
    this.#profiling = profiling;
    this.#model = { inputs, outputs };
  }

  /** @throws PVLA_ENGINE_COMPILE */
  static async create(model: SessionModel, settings: SessionSettings): Promise<OrtSession> {
    try {
      const session = await InferenceSession.create(model.bytes, sessionOptions(model, settings));
      return new OrtSession(session, model, settings.profile !== undefined);
    } catch (error) {
      throw compileFailed(settings.provider, firstLine(error), error);
    }
  }

  /**
   * Runs once. Inputs and outputs by name; outputs that are not given are allocated.
   * @throws PVLA_ENGINE_RUN
   */
  async run(
    feeds: Readonly<Record<string, HostArray>>,
    into: Readonly<Record<string, HostArray>> = {},
  ): Promise<Record<string, HostArray>> {
    const inputs: Record<string, Tensor> = {};
    for (const spec of this.#model.inputs) inputs[spec.name] = view(spec, feeds[spec.name]!);
    const results: Record<string, HostArray> = {};
    const outputs: Record<string, Tensor> = {};
    for (const spec of this.#model.outputs) {
      const data = into[spec.name] ?? hostArray(spec.dtype, hostLength(spec));
      results[spec.name] = data;
      outputs[spec.name] = view(spec, data);
    }
    try {
      await this.#session.run(inputs, outputs);
    } catch (error) {
      throw runFailed(firstLine(error), error);
    }
    return results;
  }

  async dispose(): Promise<void> {
    if (this.#profiling) this.#session.endProfiling();
    await this.#session.release();
  }
}

function view({ dtype, shape }: TensorSpec, data: HostArray): Tensor {
  return new Tensor(dtype as "float32", data as Float32Array, shape);
}

function sessionOptions(
  { weightsFolder, hasBlockWeights }: SessionModel,
  { provider, threads, widenWeights, profile }: SessionSettings,
): InferenceSession.SessionOptions {
  const session: Record<string, string> = {
    // Gradients shrink below the smallest normal number, where x86 arithmetic is a hundred times slower.
    set_denormal_as_zero: "1",
    // Spinning threads gain nothing alone (a train step took the same time) and take the cores from every other process.
    "intra_op.allow_spinning": "0",
  };
  if (weightsFolder !== undefined) {
    session["model_external_initializers_file_folder_path"] = weightsFolder;
    // Prepacking would copy every mapped weight into memory of its own. Block-wise codes are worth it: unpacked they are
    // widened to float32 at every run, one token of a 4096 x 11008 layer in 240 ms and not 6.
    if (!hasBlockWeights) session["disable_prepacking"] = "1";
  }
  return {
    executionProviders: provider === "cpu" ? ["cpu"] : [provider, "cpu"],
    graphOptimizationLevel: "all",
    // The pattern's one big block comes on top of what the first run allocated: a quarter more memory, no faster.
    enableMemPattern: false,
    logSeverityLevel: 4,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
    extra: {
      session,
      ...(widenWeights === "every run" ? { optimization: { disable_specified_optimizers: "ConstantFolding" } } : {}),
    },
  };
}

const firstLine = (error: unknown) => (error instanceof Error ? error.message : String(error)).split("\n")[0]!;

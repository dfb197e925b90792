import { stat } from "node:fs/promises";
import { workerEntry } from "@pixelvla/core";
import type { ProviderName, RunOptions } from "../engine.ts";
import { onnxFileUnreadable } from "../errors.ts";
import { WorkerChannel } from "../worker/worker-channel.ts";
import { chooseOrtProvider } from "./onnxruntime-engine.ts";

/** An input or output as a model file declares it. A size is a number, or a name where it may vary. */
export interface OnnxValue {
  readonly name: string;
  /** Element type (`"float32"`, `"int64"`, ...); `"other"` for sequences and maps. */
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

/** What a model file takes and gives, in its own order. */
export interface OnnxSignature {
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

/** A value that goes into or comes out of a model file; sizes may differ from run to run. */
export interface FileTensor {
  readonly type: string;
  readonly data: Float32Array | BigInt64Array | Int32Array | Uint8Array | Uint16Array | Float64Array;
  readonly dims: readonly number[];
}

export interface OnnxFileOptions {
  /** A provider by name, or `"auto"` (default), as for the onnxruntime engine. */
  readonly provider?: ProviderName | "auto";
  readonly threads?: number;
}

/** What the worker needs to open a file; plain data. */
export interface OnnxFileSettings {
  readonly path: string;
  readonly provider: ProviderName;
  readonly threads: number | undefined;
}

/** An ONNX file of somebody else's, open in a worker thread of its own. Runs queue up. Dispose it when done. */
export interface OnnxFile extends OnnxSignature {
  readonly path: string;
  readonly provider: ProviderName;
  /**
   * Runs once; `outputs` names those wanted, default all.
   * @throws PVLA_ENGINE_RUN, PVLA_ENGINE_CRASHED, PVLA_ENGINE_TIMEOUT, PVLA_CANCELLED
   */
  run(
    feeds: Readonly<Record<string, FileTensor>>,
    options?: Pick<RunOptions, "signal" | "timeoutMs"> & { readonly outputs?: readonly string[] },
  ): Promise<Record<string, FileTensor>>;
  dispose(): Promise<void>;
}

/**
 * Opens a model file as it is; weights in a file beside it (`.onnx_data`) are found by onnxruntime.
 * @throws PVLA_ONNX_FILE when it is absent, truncated or no ONNX model; PVLA_PROVIDER_ABSENT
 */
export async function openOnnxFile(path: string, options: OnnxFileOptions = {}): Promise<OnnxFile> {
  const info = await stat(path).catch(() => undefined);
  if (info?.isFile() !== true) throw onnxFileUnreadable(path, "no such file");
  const provider = await chooseOrtProvider(options.provider ?? "auto");
  const channel = new WorkerChannel(`model ${path}`, workerEntry(import.meta.url, "./onnx-file-worker").thread);
  let signature: OnnxSignature;
  try {
    signature = await channel.call<OnnxSignature>("open", { path, provider, threads: options.threads });
  } catch (error) {
    await channel.end();
    throw error;
  }
  return {
    ...signature,
    path,
    provider,
    run: (feeds, { outputs, signal, timeoutMs } = {}) => channel.call("run", { feeds, outputs }, { signal, timeoutMs }),
    async dispose() {
      await channel.call("close", undefined).catch(() => undefined);
      await channel.end();
    },
  };
}

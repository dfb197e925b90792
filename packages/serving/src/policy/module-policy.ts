import { pathToFileURL } from "node:url";
import { badChunk, noPolicy } from "../errors.ts";
import type { PolicyObservation, ServedPolicy } from "./served-policy.ts";

/** What a module's `createPolicy` gives: the benchmark's policy, as far as it is used here. */
interface ModulePolicy {
  readonly name: string;
  readonly executeSteps?: number;
  readonly actionDim?: number;
  readonly stateDim?: number;
  act(observation: {
    readonly widthPx: number;
    readonly heightPx: number;
    readonly image: Uint8Array;
    readonly state: Float32Array;
    readonly instruction: string;
  }): Promise<{ chunkSize: number; actions: Float32Array }> | { chunkSize: number; actions: Float32Array };
  reset?(): void;
  close?(): Promise<void> | void;
}

/**
 * Opens a JavaScript module that exports `createPolicy(options)`, the same that `pixelvla bench run --policy` takes. It is asked
 * once for a black image to learn its chunk.
 * @throws PVLA_SERVE_SOURCE
 */
export async function openModulePolicy(
  file: string,
  options: Readonly<Record<string, unknown>>,
): Promise<ServedPolicy> {
  let module: { createPolicy?: (options: unknown) => ModulePolicy | Promise<ModulePolicy> };
  try {
    module = (await import(pathToFileURL(file).href)) as typeof module;
  } catch (error) {
    throw noPolicy(file, error instanceof Error ? error.message : String(error), error);
  }
  if (typeof module.createPolicy !== "function") throw noPolicy(file, "a module without createPolicy");
  const policy = await module.createPolicy(options);
  const { name, actionDim = 7, stateDim = 0 } = policy;
  const act = async ({ image, state, instruction }: Omit<PolicyObservation, "visit">) => {
    const { widthPx, heightPx, data } = image;
    const { chunkSize, actions } = await policy.act({ widthPx, heightPx, image: data, state, instruction });
    if (actions.length !== chunkSize * actionDim)
      throw badChunk(name, `${actions.length} values for a chunk of ${chunkSize} x ${actionDim}`);
    const bad = actions.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw badChunk(name, `${actions[bad]!} at [${Math.floor(bad / actionDim)}, ${bad % actionDim}]`);
    return { chunkSize, actions };
  };
  const black = { widthPx: 64, heightPx: 64, data: new Uint8Array(64 * 64 * 3) };
  const { chunkSize } = await act({ image: black, state: new Float32Array(stateDim), instruction: "warm up" });
  return {
    info: {
      name,
      source: file,
      chunkSize,
      executeSteps: Math.min(policy.executeSteps ?? chunkSize, chunkSize),
      actionDim,
      stateDim,
      takesPrompts: false,
      nParameters: 0,
      nRandom: 0,
      maxBatch: 1,
    },
    async predict(observations) {
      const chunks: Float32Array[] = [];
      for (const observation of observations) chunks.push((await act(observation)).actions);
      return chunks;
    },
    close: async () => policy.close?.(),
  };
}

import type { Parameter, Recipe } from "@pixelvla/core";
import { findCheckpoint, isOwnCheckpoint } from "../checkpoint/find-checkpoint.ts";
import { readPolicyWeights } from "../checkpoint/train-checkpoint.ts";
import { loadInit, type InitProvenance } from "../init/load-init.ts";
import { matchWeights } from "./initial-weights.ts";

/** Weights that a run begins with and where they came from. */
export interface FirstWeights {
  readonly values: ReadonlyMap<string, Float32Array>;
  readonly init: InitProvenance | null;
  /** Sentences for log and terminal. */
  readonly text: readonly string[];
}

/**
 * Weights of a run that begins: those of `training.init` where they match, over them those of the recipe's own checkpoint, over
 * them the pretrained encoders. What none of them has starts from its initialiser.
 * @throws PVLA_INIT, PVLA_WEIGHTS, PVLA_NO_CHECKPOINT
 */
export async function firstWeights(
  parameters: readonly Parameter[],
  { checkpoint }: Recipe,
  from: { readonly init: string | null; readonly pretrained: string | undefined },
): Promise<FirstWeights> {
  const init = from.init === null ? undefined : await loadInit(from.init, parameters);
  const values = new Map(init?.values);
  const text = [...(init?.text ?? [])];
  const own = checkpoint !== null && isOwnCheckpoint(checkpoint) ? checkpoint : undefined;
  for (const source of [own, from.pretrained]) {
    if (source === undefined) continue;
    const dir = findCheckpoint(source);
    const { values: found, fresh } = matchWeights(parameters, await readPolicyWeights(dir), dir);
    for (const [name, data] of found) values.set(name, data);
    if (fresh.length > 0) text.push(`${fresh.length} parameters are not in ${dir}: ${fresh.slice(0, 8).join(", ")}`);
  }
  return { values, init: init?.provenance ?? null, text };
}

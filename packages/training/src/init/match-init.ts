import { nearestName, sameShape, type Parameter } from "@pixelvla/core";
import type { FloatTensor } from "../checkpoint/float-tensors.ts";

/** A parameter whose tensor in the checkpoint has another shape. It starts anew. */
export interface MismatchedWeight {
  readonly name: string;
  readonly found: readonly number[];
  readonly needed: readonly number[];
}

/** A parameter the checkpoint lacks. It starts anew. */
export interface MissingWeight {
  readonly name: string;
  /** A tensor of the checkpoint that nothing uses and whose name is close: perhaps the same one, renamed. */
  readonly nearest: string | undefined;
}

/** What became of a checkpoint's tensors. */
export interface InitReport {
  readonly loaded: readonly string[];
  readonly missing: readonly MissingWeight[];
  readonly mismatched: readonly MismatchedWeight[];
  /** Tensors of the checkpoint that no parameter uses. */
  readonly unexpected: readonly string[];
}

/** What becomes of a checkpoint's tensors, by name and shape alone. */
export function matchShapes(
  parameters: readonly Parameter[],
  tensors: ReadonlyMap<string, { readonly shape: readonly number[] }>,
): InitReport {
  const loaded: string[] = [];
  const mismatched: MismatchedWeight[] = [];
  const missing: string[] = [];
  for (const { name, tensor } of parameters) {
    const found = tensors.get(name);
    if (found === undefined) missing.push(name);
    else if (sameShape(found.shape, tensor.shape)) loaded.push(name);
    else mismatched.push({ name, found: found.shape, needed: tensor.shape });
  }
  const named = new Set(parameters.map(({ name }) => name));
  const unexpected = [...tensors.keys()].filter((name) => !named.has(name));
  const withNearest = missing.map((name) => ({ name, nearest: likelyRenamed(name, unexpected) }));
  return { loaded, missing: withNearest, mismatched, unexpected };
}

/** Values of the parameters that a checkpoint has by the same name and shape, and what became of the rest. */
export function matchInit(
  parameters: readonly Parameter[],
  tensors: ReadonlyMap<string, FloatTensor>,
): { readonly values: Map<string, Float32Array>; readonly report: InitReport } {
  const report = matchShapes(parameters, tensors);
  return { values: new Map(report.loaded.map((name) => [name, tensors.get(name)!.data])), report };
}

/** Names are long and differ in one element of the path when a part was renamed; far ones are only noise. */
function likelyRenamed(name: string, unexpected: readonly string[]): string | undefined {
  const last = name.split(".").at(-1);
  return nearestName(
    name,
    unexpected.filter((candidate) => candidate.split(".").at(-1) === last),
  );
}

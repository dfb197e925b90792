import { sameShape, sizeOf, type Graph, type Parameter } from "@pixelvla/core";
import type { Checkpoint } from "./checkpoint.ts";
import { checkpointMismatch, type MismatchedTensor } from "./errors.ts";

/** Names a parameter may have in a checkpoint, most likely first; none when the checkpoint is not expected to have it. */
export type NameMap = (parameter: string) => readonly string[];

export interface BindReport {
  readonly bound: readonly { readonly parameter: string; readonly tensor: string }[];
  /** Parameters the map expected in the checkpoint and that are not there. */
  readonly missing: readonly string[];
  readonly mismatched: readonly MismatchedTensor[];
  /** Tensors of the checkpoint that nothing uses (OpenVLA's last ViT blocks, for instance). */
  readonly unused: readonly string[];
  /** Parameters the map does not expect: freshly initialised. */
  readonly fresh: readonly string[];
}

/** Points parameters of `graph` at tensors of `checkpoint`, in place: no weight is read. */
export function bindParameters(graph: Graph, checkpoint: Checkpoint, names: NameMap): BindReport {
  const bound: { parameter: string; tensor: string }[] = [];
  const missing: string[] = [];
  const fresh: string[] = [];
  const mismatched: MismatchedTensor[] = [];
  const used = new Set<string>();
  for (const parameter of graph.parameters.values()) {
    const candidates = names(parameter.name);
    if (candidates.length === 0) {
      fresh.push(parameter.name);
      continue;
    }
    const name = candidates.find((candidate) => checkpoint.tensors.has(candidate));
    if (name === undefined) {
      missing.push(candidates[0]!);
      continue;
    }
    const stored = checkpoint.tensors.get(name)!;
    used.add(name);
    if (!fits(parameter, stored.shape)) {
      mismatched.push({
        parameter: parameter.name,
        tensor: name,
        expected: parameter.tensor.shape,
        found: stored.shape,
      });
      continue;
    }
    parameter.source = stored.region;
    bound.push({ parameter: parameter.name, tensor: name });
  }
  const unused = [...checkpoint.tensors.keys()].filter((name) => !used.has(name));
  return { bound, missing, mismatched, unused, fresh };
}

/** Equal shapes, or equal up to axes of 1 (`[1, 256]` for `[256]`). */
function fits({ tensor }: Parameter, shape: readonly number[]): boolean {
  if (sameShape(tensor.shape, shape)) return true;
  const squeeze = (s: readonly number[]) => s.filter((d) => d !== 1);
  return sizeOf(tensor.shape) === sizeOf(shape) && sameShape(squeeze(tensor.shape), squeeze(shape));
}

/** Like `bindParameters`, but refuses a checkpoint that lacks anything. @throws PVLA_CHECKPOINT_MISMATCH */
export function bindAllParameters(graph: Graph, checkpoint: Checkpoint, names: NameMap): BindReport {
  const report = bindParameters(graph, checkpoint, names);
  if (report.missing.length > 0 || report.mismatched.length > 0) {
    throw checkpointMismatch(checkpoint.source, report.missing, report.mismatched, report.unused);
  }
  return report;
}

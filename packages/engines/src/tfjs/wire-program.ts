import { initialValues, type Attributes, type HostArray, type Program, type TensorType } from "@pixelvla/core";
import type { CompileOptions } from "../engine.ts";
import { kernelMissing } from "../errors.ts";
import { tensorSpec, type TensorSpec } from "../tensor-spec.ts";
import { readFileWeights } from "../train/read-file-weights.ts";
import { tfjsKernels } from "./all-kernels.ts";

/** One node with tensors as numbers. */
export interface WireNode {
  readonly operator: string;
  readonly scope: string;
  readonly inputs: readonly (number | undefined)[];
  readonly inputTypes: readonly (TensorType | undefined)[];
  readonly outputs: readonly number[];
  readonly outputTypes: readonly TensorType[];
  readonly attributes: Attributes;
  /** Tensors nobody reads after this node. */
  readonly lastUseOf: readonly number[];
}

/** A program as plain data, so it crosses threads. */
export interface WireProgram {
  readonly inputs: readonly (TensorSpec & { readonly id: number })[];
  readonly outputs: readonly (TensorSpec & { readonly id: number })[];
  readonly constants: readonly (TensorType & { readonly id: number; readonly data: HostArray })[];
  readonly nodes: readonly WireNode[];
}

/**
 * Flattens a program for the interpreter. Weights in files are read and widened to float32.
 * @throws PVLA_KERNEL_MISSING, PVLA_WEIGHTS
 */
export function wireProgram(
  program: Program,
  { values, seed = 0, fed = () => false }: Pick<CompileOptions, "values" | "seed" | "fed">,
): WireProgram {
  const type = ({ dtype, shape }: TensorType): TensorType => ({ dtype, shape: [...shape] });
  const inputs = [...program.inputs].map(([name, tensor]) => ({ ...tensorSpec(name, tensor), id: tensor.id }));
  const constants: (TensorType & { id: number; data: HostArray })[] = [];
  for (const parameter of program.parameters) {
    const { name, tensor, source } = parameter;
    if (fed(parameter)) {
      inputs.push({ ...tensorSpec(name, tensor), id: tensor.id });
      continue;
    }
    const data =
      values?.get(name) ?? (source.kind === "file" ? readFileWeights(parameter) : initialValues(parameter, seed));
    constants.push({ id: tensor.id, dtype: "float32", shape: [...tensor.shape], data });
  }
  for (const tensor of program.constants) {
    if (tensor.origin.kind === "constant") constants.push({ id: tensor.id, ...type(tensor), data: tensor.origin.data });
  }
  const outputs = [...program.outputs].map(([name, tensor]) => ({ ...tensorSpec(name, tensor), id: tensor.id }));

  const lastUse = new Map<number, number>();
  program.nodes.forEach((node, i) => {
    for (const t of [...node.outputs, ...node.inputs]) if (t !== undefined) lastUse.set(t.id, i);
  });
  for (const { id } of [...outputs, ...constants]) lastUse.delete(id);
  const freedAt = new Map<number, number[]>();
  for (const [id, i] of lastUse) freedAt.set(i, [...(freedAt.get(i) ?? []), id]);

  const nodes = program.nodes.map((node, i): WireNode => {
    if (!tfjsKernels.has(node.operator.name)) throw kernelMissing(node.operator.name, [...tfjsKernels.keys()]);
    return {
      operator: node.operator.name,
      scope: node.scope,
      inputs: node.inputs.map((t) => t?.id),
      inputTypes: node.inputs.map((t) => (t === undefined ? undefined : type(t))),
      outputs: node.outputs.map((t) => t.id),
      outputTypes: node.outputs.map(type),
      attributes: node.attributes,
      lastUseOf: freedAt.get(i) ?? [],
    };
  });
  return { inputs, outputs, constants, nodes };
}

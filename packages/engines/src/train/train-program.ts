import { extractProgram, gradients, type Parameter, type Program, type Tensor } from "@pixelvla/core";
import { notTrainable } from "../errors.ts";

const GRADIENT = "gradient:";
export const LOSS = "loss";

/**
 * Named outputs of a train program: `loss`, the metrics, and `gradient:NAME` for every trained parameter. Appends the
 * backward graph. Pass them to `extractProgram` or `partitionFrozenPrefix`.
 *
 * @param loss scalar, the mean over the batch
 * @param metrics further float32 scalars, means over the batch
 */
export function trainOutputs(
  loss: Tensor,
  trainable: readonly Parameter[],
  metrics: Readonly<Record<string, Tensor>> = {},
): Record<string, Tensor> {
  const tensors = gradients(
    loss,
    trainable.map(({ tensor }) => tensor),
  );
  return {
    [LOSS]: loss,
    ...metrics,
    ...Object.fromEntries(trainable.map(({ name }, i) => [`${GRADIENT}${name}`, tensors[i]!])),
  };
}

/** A train program over the whole graph: `trainOutputs`, extracted. */
export function trainProgram(
  loss: Tensor,
  trainable: readonly Parameter[],
  metrics: Readonly<Record<string, Tensor>> = {},
): Program {
  return extractProgram(loss.graph, trainOutputs(loss, trainable, metrics));
}

/** The parameter whose gradient an output is, by name; undefined for the loss and metrics. */
export function gradientOf(output: string): string | undefined {
  return output.startsWith(GRADIENT) ? output.slice(GRADIENT.length) : undefined;
}

export function gradientOutput(parameter: string): string {
  return `${GRADIENT}${parameter}`;
}

/** The trained parameters of a train program, in the order of its gradients. @throws PVLA_TRAIN_PROGRAM */
export function trainedParameters(program: Program): Parameter[] {
  if (!program.outputs.has(LOSS)) throw notTrainable(`no output named "${LOSS}"`, "one, see trainOutputs");
  const trained: Parameter[] = [];
  for (const [output, tensor] of program.outputs) {
    const name = gradientOf(output);
    if (name === undefined) {
      if (tensor.rank !== 0 || tensor.dtype !== "float32") {
        throw notTrainable(`output "${output}" of type ${tensor.dtype}[${tensor.shape.join(", ")}]`, "float32 scalars");
      }
      continue;
    }
    const parameter = program.graph.parameters.get(name);
    if (parameter === undefined) throw notTrainable(`a gradient for "${name}"`, "a parameter of that name");
    trained.push(parameter);
  }
  if (trained.length === 0) throw notTrainable("no gradients among the outputs", "at least one trained parameter");
  return trained;
}

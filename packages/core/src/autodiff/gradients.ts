import { isFloat } from "../graph/dtype.ts";
import { lossNotScalar, notDifferentiable } from "../graph/errors.ts";
import type { GraphNode } from "../graph/node.ts";
import type { Tensor } from "../graph/tensor.ts";
import { filled } from "../ops/filled.ts";
import { sumContributions } from "./sum-contributions.ts";

/** Scope prefix of every node that `gradients` appends, so that costs and print-outs can tell them apart. */
export const GRADIENT_SCOPE = "gradients";

/**
 * Appends the backward graph of `loss` and returns its gradient with respect to each tensor of `wrt`, in order.
 * Reverse-mode differentiation as a graph transform: nothing runs. A tensor that the loss does not depend on gets zeros.
 *
 * @param loss float scalar `[]`
 * @throws PVLA_LOSS_NOT_SCALAR, PVLA_NOT_DIFFERENTIABLE
 */
export function gradients(loss: Tensor, wrt: readonly Tensor[]): Tensor[] {
  const { graph } = loss;
  if (loss.rank !== 0 || !isFloat(loss.dtype)) throw lossNotScalar(loss.dtype, loss.shape);

  const sensitive = dependants(graph.nodes, wrt);
  const pending = new Map<Tensor, Tensor[]>([[loss, [filled(1, [], loss)]]]);
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i]!;
    if (!node.outputs.some((t) => pending.has(t)) || !node.inputs.some((t) => t !== undefined && sensitive.has(t)))
      continue;
    graph.withScope(node.scope === "" ? GRADIENT_SCOPE : `${GRADIENT_SCOPE}.${node.scope}`, () => {
      backpropagate(node, sensitive, pending);
    });
  }
  return graph.withScope(GRADIENT_SCOPE, () =>
    wrt.map((tensor) => {
      const contributions = pending.get(tensor);
      return contributions === undefined ? filled(0, tensor.shape, tensor) : sumContributions(contributions);
    }),
  );
}

/** All tensors whose value depends on one of `wrt`, those included. */
function dependants(nodes: readonly GraphNode[], wrt: readonly Tensor[]): ReadonlySet<Tensor> {
  const sensitive = new Set<Tensor>(wrt);
  for (const node of nodes) {
    if (node.inputs.some((t) => t !== undefined && sensitive.has(t))) {
      for (const output of node.outputs) if (isFloat(output.dtype)) sensitive.add(output);
    }
  }
  return sensitive;
}

function backpropagate(node: GraphNode, sensitive: ReadonlySet<Tensor>, pending: Map<Tensor, Tensor[]>): void {
  const { gradient } = node.operator;
  if (gradient === "not differentiable") {
    if (!node.outputs.some((t) => sensitive.has(t))) return; // e.g. a comparison: the gradient stops here by nature
    throw notDifferentiable(node.operator.name, node.scope);
  }
  const inputGradients = gradient({
    inputs: node.inputs,
    outputs: node.outputs,
    outputGradients: node.outputs.map((t) => {
      const contributions = pending.get(t);
      return contributions === undefined ? undefined : sumContributions(contributions);
    }),
    attributes: node.attributes,
    needs: (i) => {
      const input = node.inputs[i];
      return input !== undefined && sensitive.has(input);
    },
  });
  inputGradients.forEach((gradientTensor, i) => {
    const input = node.inputs[i];
    if (gradientTensor === undefined || input === undefined || !sensitive.has(input)) return;
    const sofar = pending.get(input);
    if (sofar === undefined) pending.set(input, [gradientTensor]);
    else sofar.push(gradientTensor);
  });
}

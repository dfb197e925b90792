import { pixelVlaError, type PixelVlaError } from "../pixelvla-error.ts";
import { formatShape, type Shape } from "./shape.ts";
import type { TensorType } from "./operator.ts";

const describe = (t: TensorType | undefined) => (t === undefined ? "none" : `${t.dtype}${formatShape(t.shape)}`);

/** An operator's inputs do not fit each other. */
export function shapeMismatch(
  operator: string,
  scope: string,
  inputs: readonly (TensorType | undefined)[],
  mismatch: { found: string; needed: string; fix?: string | undefined },
): PixelVlaError {
  return pixelVlaError(
    "PVLA_SHAPE",
    {
      doing: `Building ${operator}(${inputs.map(describe).join(", ")})${scope === "" ? "" : ` in "${scope}"`}`,
      found: mismatch.found,
      needed: mismatch.needed,
      ...(mismatch.fix === undefined ? {} : { fix: mismatch.fix }),
    },
    { operator, scope, inputs: inputs.map(describe) },
  );
}

/** Two parameters or inputs of one graph ask for the same name. */
export function duplicateName(kind: "parameter" | "input", name: string): PixelVlaError {
  return pixelVlaError("PVLA_DUPLICATE_NAME", {
    doing: `Building the graph`,
    found: `${kind} "${name}" is declared twice`,
    fix: `Give each its own scope or name`,
  });
}

/** A tensor of another graph was used. */
export function foreignTensor(operator: string): PixelVlaError {
  return pixelVlaError("PVLA_FOREIGN_TENSOR", {
    doing: `Building ${operator}`,
    found: `an input that belongs to another graph`,
    fix: `Build all parts of a policy with one graph builder`,
  });
}

/** Gradients were asked through an operator that has none. */
export function notDifferentiable(operator: string, scope: string): PixelVlaError {
  return pixelVlaError("PVLA_NOT_DIFFERENTIABLE", {
    doing: `Differentiating the loss`,
    found: `operator ${operator} in "${scope}", which has no derivative`,
    fix: `Freeze the parameters before it, or express it with differentiable operators`,
  });
}

/** The loss is not a scalar float. */
export function lossNotScalar(dtype: string, shape: Shape): PixelVlaError {
  return pixelVlaError("PVLA_LOSS_NOT_SCALAR", {
    doing: `Differentiating the loss`,
    found: `a loss of type ${dtype}${formatShape(shape)}`,
    needed: `a float scalar []`,
    fix: `Reduce it with reduceMean or reduceSum`,
  });
}

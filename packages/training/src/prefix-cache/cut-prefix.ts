import {
  partitionFrozenPrefix,
  POLICY_INPUT,
  sizeOf,
  VOLATILE_INPUTS,
  type DType,
  type Parameter,
  type Program,
  type Tensor,
} from "@pixelvla/core";
import type { TrainingOptions } from "../training-options.ts";

/** One value that crosses from the frozen prefix into the train step. */
export interface BoundaryTensor {
  readonly name: string;
  readonly dtype: DType;
  /** Elements that belong to one sample. */
  readonly perSample: number;
}

/** A train program in two parts, or a sentence that says why it stays whole. */
export type PrefixCut =
  | {
      readonly prefix: Program;
      readonly suffix: Program;
      readonly boundary: readonly BoundaryTensor[];
      /** What is redrawn at every visit and therefore stays in the train step; undefined when nothing had to. */
      readonly note: string | undefined;
    }
  | { readonly prefix: undefined; readonly note: string };

/**
 * Inputs that differ between two visits of the same sample, under the recipe's augmentation: noise and time always, pictures whose
 * look is changed; where samples carry prompts, masks and prompts whose kind is drawn or that are shifted, text and all of them where
 * prompts are dropped from some visits.
 */
export function visitInputs(data: TrainingOptions["data"], hasPrompts: boolean): string[] {
  return [
    ...VOLATILE_INPUTS,
    ...(data.augment === null ? [] : [POLICY_INPUT.image]),
    ...(hasPrompts ? redrawnPrompts(data) : []),
  ];
}

function redrawnPrompts({ promptDropout, promptJitterPx, promptKinds }: TrainingOptions["data"]): string[] {
  const { objectMask, promptMask, promptPoints, promptLabels, tokens, tokenValid } = POLICY_INPUT;
  const isDropped = promptDropout > 0 && promptDropout < 1;
  return [
    ...(isDropped ? [tokens, tokenValid, promptLabels] : []),
    ...(isDropped || promptJitterPx > 0 ? [objectMask, promptMask, promptPoints] : []),
    ...(promptKinds.length > 1 ? [promptMask, promptPoints, promptLabels] : []),
  ];
}

/**
 * Cuts a train program at the edge of what no trained parameter and no redrawn input reaches.
 *
 * @param trained parameters whose gradients the program computes
 * @param redrawn inputs that differ between visits, see `visitInputs`
 * @param batch samples in every boundary tensor
 */
export function cutFrozenPrefix(
  program: Program,
  trained: readonly Parameter[],
  redrawn: readonly string[],
  batch: number,
): PrefixCut {
  const names = new Set(trained.map(({ name }) => name));
  const trainable = ({ name }: Parameter) => names.has(name);
  const outputs = Object.fromEntries(program.outputs);
  const cut = (volatileInputs: readonly string[]) =>
    partitionFrozenPrefix(program.graph, outputs, { trainable, volatileInputs });
  const { prefix, suffix, boundary } = cut(redrawn);
  const largest = cut(VOLATILE_INPUTS);
  const lost = [...(largest.prefix?.inputs.keys() ?? [])].filter((name) => redrawn.includes(name));
  const because = `${lost.join(", ")} ${lost.length === 1 ? "is" : "are"} redrawn at every visit of a sample`;
  if (prefix === undefined)
    return {
      prefix,
      note:
        largest.prefix === undefined
          ? "nothing to cache: every costly part trains or feeds on something that does"
          : `the frozen prefix is not cached: ${because} (training.data.prompt*)`,
    };
  const odd = Object.entries(boundary).find(([, tensor]) => !isPerSample(tensor, batch));
  if (odd !== undefined)
    return {
      prefix: undefined,
      note: `the frozen prefix is not cached: its value [${odd[1].shape.join(", ")}] is not laid out by sample`,
    };
  return {
    prefix,
    suffix,
    boundary: Object.entries(boundary).map(([name, tensor]) => ({
      name,
      dtype: tensor.dtype,
      perSample: sizeOf(tensor.shape) / batch,
    })),
    note: lost.length === 0 ? undefined : `the cache leaves out what ${lost.join(", ")} decide: ${because}`,
  };
}

const isPerSample = ({ shape, dtype }: Tensor, batch: number) =>
  shape.length > 0 && shape[0]! % batch === 0 && dtype !== "uint4";

import { embodimentMismatch } from "../errors.ts";
import type { PolicyInfo } from "../policy/served-policy.ts";
import { EMBODIMENTS, type Embodiment } from "./embodiments.ts";
import type { EmbodimentName, ServingOptions } from "./serving-options.ts";

/** Room the recorded gripper may leave around [0, 1]. */
const GRIPPER_SLACK = 0.05;

/** What of a policy its clients depend on. */
type CheckedPolicy = Pick<PolicyInfo, "name" | "actionDim" | "stateDim" | "chunkSize" | "statistics">;

/**
 * Refuses a policy its clients could not use: other action or state widths, a chunk they reject, a gripper that is no openness
 * where one has to be converted.
 * @throws PVLA_SERVE_EMBODIMENT
 */
export function checkEmbodiment(info: CheckedPolicy, { embodiment: name, stateIndices }: ServingOptions): void {
  const embodiment: Embodiment = EMBODIMENTS[name];
  const fail = (found: string, needed: string, fix: string) => embodimentMismatch(info.name, name, found, needed, fix);
  const { actionDim, stateDim, chunk } = embodiment;
  const other = `Serve a policy trained on ${name} data, or choose another embodiment (serving.embodiment, --embodiment)`;
  if (actionDim !== undefined && info.actionDim !== actionDim)
    throw fail(`actions of ${info.actionDim} dimensions`, `${actionDim}`, other);
  if (stateIndices !== undefined && stateIndices.length !== info.stateDim)
    throw fail(
      `${stateIndices.length} state indices for a policy with ${info.stateDim}`,
      `${info.stateDim}`,
      "Set serving.stateIndices to as many entries as the recipe's stateDim",
    );
  if (stateDim !== undefined && info.stateDim !== 0 && info.stateDim !== stateDim && stateIndices === undefined)
    throw fail(`a state of ${info.stateDim} dimensions`, `${stateDim}`, other);
  if (chunk !== undefined && (chunk.exact === true ? info.chunkSize !== chunk.min : info.chunkSize < chunk.min))
    throw fail(
      `a chunk of ${info.chunkSize} actions`,
      `${chunk.exact === true ? "exactly" : "at least"} ${chunk.min}, which its clients assert`,
      other,
    );
  checkGripper(info, name, embodiment, fail);
}

function checkGripper(
  { statistics, actionDim }: CheckedPolicy,
  name: EmbodimentName,
  { gripper }: Embodiment,
  fail: (found: string, needed: string, fix: string) => Error,
): void {
  if (Object.keys(gripper).length === 0 || statistics === undefined) return;
  const [min, max] = [statistics.action.min[actionDim - 1]!, statistics.action.max[actionDim - 1]!];
  if (min >= -GRIPPER_SLACK && max <= 1 + GRIPPER_SLACK) return;
  throw fail(
    `gripper values from ${min.toFixed(2)} to ${max.toFixed(2)} in the statistics of "${statistics.dataset}"`,
    "openness from 0 (closed) to 1 (open)",
    `Train on standardised data, or serve as passthrough if its values are ${name}'s own`,
  );
}

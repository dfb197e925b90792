import { concat, defineAuxiliary, incompatible, l1Loss, linear, reshape, slice } from "@pixelvla/core";
import { z } from "zod";

const options = z.strictObject({
  dimensions: z
    .array(z.int().nonnegative())
    .min(1)
    .default([0, 1, 2])
    .describe("Dimensions of the state that are told; by default the hand's position"),
});

/**
 * The action tokens tell where the hand will be when the gripper next changes: above what it is about to grasp or to let go of.
 * A step's action, clipped, says little but the direction until the hand is near; this says at every frame where to.
 *
 * Mean absolute error, over action tokens and passes, of a linear reading of their hidden states `[B, n, W]` against the state
 * `[B, S]` at that later frame of the same demonstration, normalised. Keyframes at gripper changes: C2F-ARM (James et al., 2022).
 *
 * @throws PVLA_INCOMPATIBLE when the recipe reads no such dimension of the state
 */
export const waypoint = defineAuxiliary({
  name: "waypoint",
  summary: "Action tokens tell where the hand will be when the gripper next changes.",
  options,
  needsDecoder: true,
  build(g, { inputs, actionTokens }, { dimensions }) {
    const { batch, stateDim } = inputs.shape;
    const beyond = dimensions.find((d) => d >= stateDim);
    if (beyond !== undefined)
      throw incompatible({
        doing: `Building auxiliary loss "waypoint"`,
        found: `dimension ${beyond} of a state of ${stateDim}`,
        needed: "dimensions the recipe's state has, counted from 0",
        fix: "Set stateDim to the dataset's, or change the loss's option dimensions",
      });
    const wanted = concat(
      dimensions.map((d) => slice(inputs.waypointState, 1, d, d + 1)),
      1,
    );
    const told = linear(g, concat([...actionTokens], 1), dimensions.length, "head");
    return { loss: l1Loss(told, reshape(wanted, [batch, 1, dimensions.length])), metrics: {} };
  },
});

import { sizeOf } from "@pixelvla/core";
import { TrainSession } from "@pixelvla/engines";
import { expect, test } from "vitest";
import { smallestRecipe } from "../../test/smallest-recipe.ts";
import { checkRecipe } from "../recipe/load-recipe.ts";
import { builtinRegistry } from "../recipe/registry.ts";
import { waypointFrame } from "../samples/chunks.ts";
import { buildTraining, optimizerConfig } from "../train/build-program.ts";

const policyOf = (stateDim: number, options: object = {}, decoder?: object) => {
  const training = { auxiliary: [{ name: "waypoint", options }] };
  const recipe = checkRecipe({ ...smallestRecipe(training), stateDim, ...(decoder === undefined ? {} : { decoder }) });
  return { recipe, ...buildTraining(recipe, builtinRegistry()) };
};

/** Feeds that are the same in every sample but for the picture's brightness, and a waypoint that follows it. */
function feedsOf({ program }: ReturnType<typeof policyOf>) {
  const feeds: Record<string, Float32Array | BigInt64Array> = {};
  for (const [name, { dtype, shape }] of program.inputs) {
    const count = sizeOf(shape);
    const each = count / 4;
    feeds[name] =
      dtype === "int64"
        ? new BigInt64Array(count).fill(9n)
        : Float32Array.from({ length: count }, (_, i) => (name === "image" ? 0.25 * Math.floor(i / each) : 0.5));
    if (name === "waypointState")
      feeds[name] = Float32Array.from({ length: count }, (_, i) => 0.4 * Math.floor(i / each) - 0.6);
  }
  return feeds;
}

test.each([
  [
    "slots read in place",
    { name: "continuous", options: { hidden: 32, blocks: 1, slots: "learned", slotsPer: "step" } },
  ],
  ["slots by dimension", { name: "continuous", options: { hidden: 32, blocks: 1, slots: "learned" } }],
  [
    "two draws of flow matching",
    { name: "flow-matching", options: { paddedActionDim: 7, paddedStateDim: 8, draws: 2 } },
  ],
])("the action tokens learn to tell the waypoint: %s", async (_name, decoder) => {
  const built = policyOf(8, {}, decoder);
  const session = await TrainSession.create(built.program, {
    optimizer: {
      ...optimizerConfig(built.recipe.training, built.trained),
      learningRate: 3e-3,
      schedule: undefined,
    } as never,
    threads: 1,
    seed: 1,
  });
  const feeds = feedsOf(built);
  const first = await session.step(feeds);
  for (let i = 0; i < 150; i++) await session.step(feeds);
  const { metrics, loss } = await session.evaluate(feeds);
  await session.dispose();
  // Whoever does not look at the picture is 0.4 off: the waypoints are -0.6, -0.2, 0.2 and 0.6.
  expect(first.metrics["waypoint"]).toBeGreaterThan(0.3);
  expect(metrics["waypoint"]).toBeLessThan(0.15);
  expect(loss).toBeCloseTo(metrics["actionLoss"]! + metrics["waypoint"]!, 5);
});

test("a dimension the state does not have is refused", () => {
  expect(() => policyOf(0)).toThrow(/auxiliary loss "waypoint".*dimension 0 of a state of 0.*stateDim/s);
  expect(() => policyOf(8, { dimensions: [2, 8] })).toThrow(/dimension 8 of a state of 8/);
});

test.each([
  { command: "absolute", gripper: [1, 1, 0, 0, 0, 1, 1], waypoints: [2, 2, 2, 5, 5, 5, 6] },
  { command: "absolute", gripper: [0, 0, 1], waypoints: [2, 2, 2] },
  { command: "absolute", gripper: [1], waypoints: [0] },
  { command: "relative", gripper: [0, 1, 1, 0, 0, -1, 0], waypoints: [1, 1, 5, 5, 5, 5, 6] },
  { command: "relative", gripper: [1, 0, 0], waypoints: [0, 2, 2] },
] as const)("the waypoint of $command $gripper is the next change of the command, else the end", (one) => {
  const actions = Float32Array.from(one.gripper.flatMap((value) => [0.5, value]));
  expect(one.gripper.map((_, frame) => waypointFrame(actions, 2, frame, one.command))).toEqual(one.waypoints);
});

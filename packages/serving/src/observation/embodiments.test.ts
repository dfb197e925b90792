import type { DatasetStatistics } from "@pixelvla/training";
import { expect, test } from "vitest";
import { float64Array, uint8Array } from "../codec/nd-array.ts";
import type { PolicyInfo } from "../policy/served-policy.ts";
import { checkEmbodiment } from "./check-embodiment.ts";
import { EMBODIMENTS } from "./embodiments.ts";
import { readObservation } from "./read-observation.ts";
import { EMBODIMENT_NAMES, servingOptionsSchema, type EmbodimentName } from "./serving-options.ts";

/** An image of one brightness, `[6, 8, 3]`, or channel-first. */
const picture = (brightness: number, shape = [6, 8, 3]) => uint8Array(new Uint8Array(144).fill(brightness), shape);
const numbers = (length: number, first = 0) =>
  float64Array(
    Array.from({ length }, (_, i) => first + i),
    [length],
  );
const optionsOf = (embodiment: EmbodimentName, more: object = {}) =>
  servingOptionsSchema.parse({ embodiment, ...more });

/** What the clients of each embodiment send (openpi's examples, SimplerEnv's openpi fork, OFT's deploy script, vla-eval's benchmarks). */
const CLIENTS: readonly (readonly [string, EmbodimentName, number, object])[] = [
  [
    "openpi's LIBERO client",
    "libero",
    8,
    {
      "observation/image": picture(7),
      "observation/wrist_image": picture(99),
      "observation/state": numbers(8),
      prompt: "go",
    },
  ],
  [
    "openpi's DROID client",
    "droid",
    8,
    {
      "observation/wrist_image_left": picture(99),
      "observation/exterior_image_1_left": picture(7),
      "observation/joint_position": numbers(7),
      "observation/gripper_position": numbers(1, 7),
      prompt: "go",
    },
  ],
  [
    "openpi's ALOHA client, channel-first",
    "aloha",
    14,
    {
      state: numbers(14),
      images: { cam_low: picture(99, [3, 6, 8]), cam_high: picture(7, [3, 6, 8]) },
      prompt: "go",
    },
  ],
  [
    "SimplerEnv's openpi fork",
    "widowx",
    8,
    { "observation/primary_image": picture(7), "observation/state": numbers(8), prompt: "go" },
  ],
  [
    "OFT's LIBERO client",
    "libero",
    8,
    { full_image: picture(7), wrist_image: picture(99), state: numbers(8), instruction: "go" },
  ],
  [
    "vla-eval's LIBERO benchmark",
    "libero",
    8,
    {
      images: { agentview: picture(7), wrist: picture(99) },
      states: numbers(8),
      controller_states: numbers(8, 50),
      task_description: "go",
    },
  ],
  [
    "vla-eval's SimplerEnv benchmark",
    "google-robot",
    8,
    { images: { primary: picture(7) }, states: numbers(8), task_description: "go", task_name: "other" },
  ],
];

test.each(CLIENTS)("%s is understood: the right camera, state and text", (_, embodiment, stateDim, map) => {
  for (const name of [embodiment, ...(embodiment === "droid" ? [] : (["passthrough"] as const))]) {
    const { image, state, instruction } = readObservation(map, stateDim, optionsOf(name));
    expect(image).toEqual({ widthPx: 8, heightPx: 6, data: new Uint8Array(144).fill(7) });
    expect([...state]).toEqual(Array.from({ length: stateDim }, (__, i) => i));
    expect(instruction).toBe("go");
  }
});

test("a recipe's own keys and entries of the state come before the embodiment's", () => {
  const map = { "observation/image": picture(99), mine: { eye: picture(7) }, body: numbers(10), state: numbers(3) };
  const own = { imageKeys: ["mine/eye"], stateKeys: [["body"]], stateIndices: [9, 0, 4] };
  const { image, state } = readObservation(map, 3, optionsOf("libero", own));
  expect(image).toMatchObject({ data: new Uint8Array(144).fill(7) });
  expect([...state]).toEqual([9, 0, 4]);
  expect(() => readObservation(map, 3, optionsOf("libero", { ...own, stateIndices: [0, 1, 10] }))).toThrow(
    /finite numbers/,
  );
});

/** Statistics of a dataset whose gripper went from `min` to `max`. */
function statisticsOf(min: number, max: number): DatasetStatistics {
  const of = (gripper: number) => [0, 0, 0, 0, 0, 0, gripper];
  const action = { q01: of(min), q99: of(max), mean: of(0), std: of(1), min: of(min), max: of(max), mask: [] };
  return { dataset: "recorded", num_trajectories: 1, num_transitions: 2, action, proprio: action };
}

const policy: PolicyInfo = {
  name: "served",
  source: "",
  chunkSize: 8,
  executeSteps: 4,
  actionDim: 7,
  stateDim: 8,
  takesPrompts: false,
  nParameters: 0,
  nRandom: 0,
  maxBatch: 1,
};

test.each<readonly [EmbodimentName, Partial<PolicyInfo>, RegExp]>([
  ["libero", { actionDim: 8 }, /actions of 8 dimensions, needs 7/],
  ["libero", { stateDim: 7 }, /a state of 7 dimensions, needs 8/],
  ["libero", { chunkSize: 4 }, /a chunk of 4 actions, needs at least 5/],
  ["droid", { actionDim: 8 }, /a chunk of 8 actions, needs exactly 10/],
  ["aloha", {}, /actions of 7 dimensions, needs 14/],
  ["libero", { statistics: statisticsOf(-1, 1) }, /gripper values from -1.00 to 1.00 in the statistics of "recorded"/],
  ["google-robot", { statistics: statisticsOf(0, 2) }, /gripper values from 0.00 to 2.00/],
])("%s refuses a policy with %o", (embodiment, wrong, reason) => {
  const check = () => checkEmbodiment({ ...policy, ...wrong }, optionsOf(embodiment));
  expect(check).toThrow(reason);
  expect(check).toThrow(expect.objectContaining({ code: "PVLA_SERVE_EMBODIMENT" }));
});

test("policies that fit are taken, those that read no state too, and as many state indices as the state has are needed", () => {
  const fitting = { ...policy, statistics: statisticsOf(0, 1) };
  for (const name of ["passthrough", "widowx", "google-robot", "libero"] as const) {
    checkEmbodiment(fitting, optionsOf(name));
    checkEmbodiment({ ...fitting, stateDim: 0 }, optionsOf(name));
  }
  checkEmbodiment({ ...policy, statistics: statisticsOf(-1, 1) }, optionsOf("widowx")); // nothing is converted there
  const three = optionsOf("libero", { stateIndices: [0, 1, 2] });
  checkEmbodiment({ ...policy, stateDim: 3 }, three);
  expect(() => checkEmbodiment(policy, three)).toThrow(/3 state indices for a policy with 8/);
});

test("every embodiment of the recipes' schema has its clients described", () => {
  expect(Object.keys(EMBODIMENTS)).toEqual([...EMBODIMENT_NAMES]);
  for (const { summary, imageKeys, stateKeys } of Object.values(EMBODIMENTS))
    expect([summary.length, imageKeys.length, stateKeys.length].every((length) => length > 0)).toBe(true);
});

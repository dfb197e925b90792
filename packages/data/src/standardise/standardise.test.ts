import { expect, test } from "vitest";
import { chooseStandardiser } from "./choose.ts";
import { binariseGripper, invertClippedGripper, relativeToAbsoluteGripper } from "./gripper.ts";
import { gripperCloses } from "./gripper-close.ts";
import { liberoInstruction } from "../libero/instruction.ts";
import { parseSplit } from "../splits.ts";

const list = (values: Float32Array) => [...values].map((value) => Math.round(value * 1000) / 1000);

test("binarising lets the next decided value count for what lies in between", () => {
  expect(list(binariseGripper(Float32Array.of(1, 0.6, 0.4, 0, 0.5, 0.97, 0.3)))).toEqual([1, 0, 0, 0, 1, 1, 0.3]);
  expect(list(binariseGripper(Float32Array.of(0.5)))).toEqual([0.5]);
  expect(list(binariseGripper(new Float32Array(0)))).toEqual([]);
});

test("relative commands become states; before the first one the gripper was the other way", () => {
  expect(list(relativeToAbsoluteGripper(Float32Array.of(0, 0.05, 1, 0, -1, 0)))).toEqual([1, 1, 0, 0, 1, 1]);
  expect(list(relativeToAbsoluteGripper(Float32Array.of(0, -0.5, 0)))).toEqual([0, 1, 1]);
  expect(list(relativeToAbsoluteGripper(Float32Array.of(0, 0.1, -0.1)))).toEqual([1, 1, 1]); // 0.1 is no command
});

test("LIBERO's gripper is clipped and turned round", () => {
  expect(list(invertClippedGripper(Float32Array.of(-1, 1, 0.25, 2)))).toEqual([1, 0, 0.75, 0]);
});

const closes = (rawGripper: number[], rawOpening?: number[]) =>
  gripperCloses({
    rawGripper: Float32Array.from(rawGripper),
    rawOpening: rawOpening && Float32Array.from(rawOpening),
  });

test("close events: flickers are ignored, every real one is kept, one cut by the end counts", () => {
  expect(closes([1, 1, 0, 1, 0, 0, 0, 1, 1, 0]).map(({ commandFrame }) => commandFrame)).toEqual([4, 9]);
});

test("a gripper that starts closed and opens has no close event, nor one that is unknown", () => {
  expect(closes([0, 0, 1, 1])).toEqual([]);
  expect(gripperCloses({ rawGripper: undefined, rawOpening: undefined })).toEqual([]);
});

test("the settled frame comes when the measured opening stops falling, even at the width of an object", () => {
  const [event] = closes([1, 1, 0, 0, 0, 0, 0], [1, 1, 1, 0.8, 0.55, 0.54, 0.54]);
  expect(event).toEqual({ commandFrame: 2, belowHalfFrame: 2, settledFrame: 5 });
});

test("the standardisation follows name and columns, or the caller", () => {
  const choose = (dataset: string, keys: string[], asked?: string) =>
    chooseStandardiser({ dataset, asked, hasNumeric: (key) => keys.includes(key) }).name;
  expect(choose("bridge_orig", ["action", "observation/state"])).toBe("bridge");
  expect(choose("bridge_orig", ["action"])).toBe("generic");
  expect(choose("liber_o10", ["action", "observation/state"])).toBe("libero");
  expect(choose("fractal20220817_data", ["action/world_vector", "action/gripper_closedness_action"])).toBe("fractal");
  expect(choose("bridge_orig", ["action", "observation/state"], "generic")).toBe("generic");
  expect(() => choose("x", [], "libro")).toThrow(/Did you mean "libero"/);
});

test("a LIBERO file name spells the instruction", () => {
  expect(liberoInstruction("/d/LIVING_ROOM_SCENE2_put_both_the_butter_in_the_basket_demo.hdf5")).toBe(
    "put both the butter in the basket",
  );
  expect(liberoInstruction("open_the_middle_drawer_of_the_cabinet_demo.hdf5")).toBe(
    "open the middle drawer of the cabinet",
  );
});

test("split slices follow TFDS", () => {
  const splits = [
    { name: "train", nEpisodes: 60 },
    { name: "val", nEpisodes: 5 },
  ];
  expect(parseSplit("train[:95%]+val", splits, "x")).toEqual([
    { name: "train", start: 0, end: 57 },
    { name: "val", start: 0, end: 5 },
  ]);
  expect(parseSplit("train[95%:]", splits, "x")).toEqual([{ name: "train", start: 57, end: 60 }]);
  expect(parseSplit("train[-10:]", splits, "x")).toEqual([{ name: "train", start: 50, end: 60 }]);
  expect(() => parseSplit("tran", splits, "x")).toThrow(/Did you mean "train"/);
});

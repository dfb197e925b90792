import { expect, test } from "vitest";
import { parseOverrides } from "./overrides.ts";

test("lines become numbers, booleans and texts by path", () => {
  expect(
    parseOverrides('training.steps = 400\n\n# a note\noptimizer.lr=1e-3 # slower\nlora: true\nname = "a b"'),
  ).toEqual({
    overrides: { "training.steps": 400, "optimizer.lr": 0.001, lora: true, name: "a b" },
    errors: [],
  });
});

test("a line that is no change is named by its number", () => {
  expect(parseOverrides("steps = 1\nfaster please\n9x = 3\ny =").errors.map((error) => error.slice(0, 6))).toEqual([
    "Line 2",
    "Line 3",
    "Line 4",
  ]);
});

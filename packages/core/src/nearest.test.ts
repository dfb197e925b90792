import { expect, test } from "vitest";
import { nearestName } from "./nearest.ts";

test("a slip of the pen finds the name that was meant", () => {
  expect(nearestName("multi-scale", ["masked-mean", "multiscale"])).toBe("multiscale");
});

test("a name unlike every candidate finds none", () => {
  expect(nearestName("llama", ["masked-mean", "multiscale"])).toBeUndefined();
});

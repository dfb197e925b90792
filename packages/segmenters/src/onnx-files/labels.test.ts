import { expect, test } from "vitest";
import { asksFor, classNames } from "./labels.ts";

test("a phrase asks for the classes whose names it holds as words, and for the aliases of its words", () => {
  expect(asksFor("the red cups", "cup", {})).toBe(true);
  expect(asksFor("cupboard", "cup", {})).toBe(false);
  expect(asksFor("coke can", "bottle", {})).toBe(false);
  expect(asksFor("coke can", "bottle", { can: ["bottle", "cup"] })).toBe(true);
  expect(asksFor("carrot", "bottle", { can: ["bottle"] })).toBe(false);
});

test("classes are called by COCO's names, by given ones, or by number", () => {
  const coco = classNames("coco", 80);
  expect([coco[0], coco[39], coco[45], coco[79]]).toEqual(["person", "bottle", "bowl", "toothbrush"]);
  expect(classNames(["gripper"], 2)).toEqual(["gripper", "1"]);
});

import { expect, test } from "vitest";
import { fillHoles } from "./fill-holes.ts";

/** `#` object, `.` background, `o` a hole that must be filled. */
function filled(picture: readonly string[], maxArea: number): string[] {
  const side = picture.length;
  const logits = Float32Array.from(picture.join(""), (cell) => (cell === "#" ? 3 : -2));
  fillHoles(logits, side, maxArea);
  return picture.map((_, y) =>
    Array.from(logits.subarray(y * side, (y + 1) * side), (v) => (v === 3 ? "#" : v > 0 ? "o" : ".")).join(""),
  );
}

test("a hole up to the greatest area is filled just above the threshold, a larger one is left", () => {
  const picture = ["########", "#..#...#", "########", "########", "########", "########", "########", "########"];
  expect(filled(picture, 2)).toEqual(["########", "#oo#...#", ...picture.slice(2)]);
  expect(filled(picture, 3)).toEqual(["########", "#oo#ooo#", ...picture.slice(2)]);
});

test("pixels that meet in a corner are one hole", () => {
  const picture = ["#####", "#.###", "##.##", "#####", "#####"];
  expect(filled(picture, 1)).toEqual(picture);
  expect(filled(picture, 2)).toEqual(["#####", "#o###", "##o##", "#####", "#####"]);
});

test("background at the border counts as a hole by its area alone, as in the original; a large background stays", () => {
  const picture = [".####", "#####", "#####", "#####", "....."];
  expect(filled(picture, 4)).toEqual(["o####", "#####", "#####", "#####", "....."]);
});

test("a mask without any object stays empty", () => {
  const picture = ["...", "...", "..."];
  expect(filled(picture, 8)).toEqual(picture);
});

import { expect, test } from "vitest";
import { regionProposal } from "./region-proposal.ts";

const image = { widthPx: 640, heightPx: 480 };
const options = { scale: 3, minSide: 0.3, shiftDown: 0.25 };

test("the proposal is a square of three gripper sizes, its centre a quarter of the gripper lower", () => {
  expect(regionProposal({ x0: 300, y0: 100, x1: 380, y1: 180 }, image, options)).toEqual({
    x0: 220,
    y0: 40,
    x1: 460,
    y1: 280,
  });
});

test("a small gripper still gives a proposal of the least side, cut to the image", () => {
  expect(regionProposal({ x0: 0, y0: 0, x1: 8, y1: 8 }, image, options)).toEqual({ x0: 0, y0: 0, x1: 76, y1: 78 });
  const corner = regionProposal({ x0: 636, y0: 478, x1: 660, y1: 500 }, image, options);
  expect([corner.x1, corner.y1]).toEqual([640, 480]);
  expect(corner.x0).toBeLessThan(640);
});

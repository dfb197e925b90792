import { expect, test } from "vitest";
import { chunkPositions } from "./action-chunk.ts";

const action = Array.from({ length: 10 }, (_, frame) => [frame, 10, -1, 0, 0, 0, 1]).flat();

test("a chunk sums eight deltas from where the gripper is", () => {
  const positions = chunkPositions(action, 7, 1, [100, 0, 0]);
  expect(positions).toHaveLength(27);
  expect([...positions.slice(0, 3)]).toEqual([100, 0, 0]);
  expect([...positions.slice(3, 6)]).toEqual([101, 10, -1]);
  expect([...positions.slice(24)]).toEqual([136, 80, -8]);
});

test("at the end of the episode the chunk is shorter", () => {
  expect(chunkPositions(action, 7, 8, [0, 0, 0])).toHaveLength(9);
  expect(chunkPositions(action, 7, 10, [0, 0, 0])).toHaveLength(3);
});

import { expect, test } from "vitest";
import { emptySelection, select } from "./selection.ts";

const positions = (selection: ReturnType<typeof select>) => [...selection.positions].sort((a, b) => a - b);

test("a click selects one, shift selects the range either way, control adds and removes", () => {
  const one = select(emptySelection, 5);
  expect(positions(one)).toEqual([5]);
  expect(positions(select(one, 8, { extend: true }))).toEqual([5, 6, 7, 8]);
  expect(positions(select(select(one, 8, { extend: true }), 3, { extend: true }))).toEqual([3, 4, 5]);
  expect(positions(select(one, 9, { toggle: true }))).toEqual([5, 9]);
  expect(positions(select(select(one, 9, { toggle: true }), 9, { toggle: true }))).toEqual([5]);
});

test("shift without an anchor selects one", () => {
  expect(positions(select(emptySelection, 4, { extend: true }))).toEqual([4]);
});

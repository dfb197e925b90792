import { expect, test } from "vitest";
import { drawingAfter, emptyDrawing, hasObject, type Drawing, type DrawingStep } from "./drawing.ts";

const after = (...steps: readonly DrawingStep[]): Drawing => steps.reduce(drawingAfter, emptyDrawing);

test("what is drawn last is the kind the policy is given, and undo goes back step by step", () => {
  const drawing = after(
    { kind: "point", at: [3, 4], isObject: true },
    { kind: "point", at: [9, 9], isObject: false },
    { kind: "box", from: [1, 2], to: [8, 9] },
  );
  expect(drawing.kind).toBe("box");
  expect(drawing.drawn.points).toEqual([
    { x: 3, y: 4, isObject: true },
    { x: 9, y: 9, isObject: false },
  ]);
  expect(drawing.drawn.box).toEqual({ x0: 1, y0: 2, x1: 8, y1: 9 });
  const back = drawingAfter(drawing, { kind: "undo" });
  expect(back.kind).toBe("point");
  expect(back.drawn.box).toBeUndefined();
  expect(after({ kind: "undo" })).toBe(emptyDrawing);
});

test("clearing can be undone, and negative points alone are no object", () => {
  const cleared = after(
    {
      kind: "line",
      line: [
        [0, 0],
        [5, 5],
      ],
    },
    { kind: "clear" },
  );
  expect(hasObject(cleared.drawn)).toBe(false);
  expect(hasObject(drawingAfter(cleared, { kind: "undo" }).drawn)).toBe(true);
  expect(hasObject(after({ kind: "point", at: [1, 1], isObject: false }).drawn)).toBe(false);
});

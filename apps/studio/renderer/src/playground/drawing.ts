import type { Drawn, DrawnKind } from "../host/types.ts";

/** What is drawn on the picture, in its own pixels, and the steps that led there. */
export interface Drawing {
  readonly drawn: Drawn;
  /** The kind drawn last: the one the policy is given. */
  readonly kind: DrawnKind;
  readonly past: readonly Omit<Drawing, "past">[];
}

export type Place = readonly [x: number, y: number];

const NOTHING: Drawn = { points: [], lines: [] };

export const emptyDrawing: Drawing = { drawn: NOTHING, kind: "mask", past: [] };

export type DrawingStep =
  | { readonly kind: "point"; readonly at: Place; readonly isObject: boolean }
  | { readonly kind: "line"; readonly line: readonly Place[] }
  | { readonly kind: "box"; readonly from: Place; readonly to: Place }
  /** The whole brushed mask after a stroke, PNG. */
  | { readonly kind: "mask"; readonly maskPng: string }
  | { readonly kind: "undo" }
  | { readonly kind: "clear" };

/** Whether there is something that gives a mask; negative points alone give none. */
export const hasObject = ({ points, lines, box, maskPng }: Drawn): boolean =>
  points.some(({ isObject }) => isObject) || lines.length > 0 || box !== undefined || maskPng !== undefined;

/** The drawing after a step. */
export function drawingAfter(drawing: Drawing, step: DrawingStep): Drawing {
  const { drawn, kind, past } = drawing;
  if (step.kind === "undo") {
    const last = past.at(-1);
    return last === undefined ? drawing : { ...last, past: past.slice(0, -1) };
  }
  const history = [...past, { drawn, kind }];
  switch (step.kind) {
    case "clear":
      return drawn === NOTHING ? drawing : { drawn: NOTHING, kind: "mask", past: history };
    case "point": {
      const [x, y] = step.at;
      const points = [...drawn.points, { x, y, isObject: step.isObject }];
      return { drawn: { ...drawn, points }, kind: "point", past: history };
    }
    case "line": {
      const line = step.line.map(([x, y]): [number, number] => [x, y]);
      return { drawn: { ...drawn, lines: [...drawn.lines, line] }, kind: "line", past: history };
    }
    case "box": {
      const [[x0, y0], [x1, y1]] = [step.from, step.to];
      return { drawn: { ...drawn, box: { x0, y0, x1, y1 } }, kind: "box", past: history };
    }
    case "mask":
      return { drawn: { ...drawn, maskPng: step.maskPng }, kind: "mask", past: history };
  }
}

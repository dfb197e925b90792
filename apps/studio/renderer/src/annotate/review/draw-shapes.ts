import type { Drawn, FixTool } from "./fix.ts";

/** What is drawn over mask and stored prompts, in picture pixels. */
export interface Shapes {
  readonly gripper: readonly number[] | undefined;
  readonly region: readonly number[] | undefined;
  readonly drawn: Drawn | undefined;
  /** The gesture under way. */
  readonly preview:
    | {
        readonly tool: FixTool | undefined;
        readonly path: readonly (readonly [number, number])[];
        readonly isNegative: boolean;
      }
    | undefined;
}

const POSITIVE = "#009e73";
const NEGATIVE = "#d55e00";
const BOX = "#56b4e9";
const LINE = "#f0e442";
const HALO = "rgb(0 0 0 / 75%)";

function stroke(context: CanvasRenderingContext2D, color: string, dash: number[] = []): void {
  context.setLineDash(dash);
  context.strokeStyle = HALO;
  context.lineWidth = 4;
  context.stroke();
  context.strokeStyle = color;
  context.lineWidth = 2;
  context.stroke();
  context.setLineDash([]);
}

function rectangle(context: CanvasRenderingContext2D, [x0, y0, x1, y1]: readonly number[], scale: number): void {
  context.beginPath();
  context.rect(x0! * scale, y0! * scale, (x1! - x0!) * scale, (y1! - y0!) * scale);
}

function polyline(
  context: CanvasRenderingContext2D,
  line: readonly (readonly [number, number])[],
  scale: number,
): void {
  context.beginPath();
  for (const [x, y] of line) context.lineTo((x + 0.5) * scale, (y + 0.5) * scale);
}

/** A filled circle with + on the object, with - off it. */
function point(context: CanvasRenderingContext2D, x: number, y: number, isObject: boolean): void {
  context.beginPath();
  context.arc(x, y, 7, 0, 2 * Math.PI);
  context.fillStyle = isObject ? POSITIVE : NEGATIVE;
  context.fill();
  stroke(context, "#ffffff");
  context.beginPath();
  context.moveTo(x - 3.5, y);
  context.lineTo(x + 3.5, y);
  if (isObject) {
    context.moveTo(x, y - 3.5);
    context.lineTo(x, y + 3.5);
  }
  context.strokeStyle = "#ffffff";
  context.lineWidth = 2;
  context.stroke();
}

/** Draws what a person has drawn and is drawing, and where gripper and region are. `scale`: screen pixels a picture pixel. */
export function drawShapes(
  context: CanvasRenderingContext2D,
  { gripper, region, drawn, preview }: Shapes,
  scale: number,
): void {
  if (region !== undefined) {
    rectangle(context, region, scale);
    stroke(context, "rgb(255 255 255 / 70%)", [6, 5]);
  }
  if (gripper !== undefined) {
    rectangle(context, gripper, scale);
    stroke(context, "#cc79a7", [2, 4]);
  }
  if (drawn?.box !== undefined) {
    const { x0, y0, x1, y1 } = drawn.box;
    rectangle(context, [x0, y0, x1, y1], scale);
    stroke(context, BOX);
  }
  for (const line of drawn?.lines ?? []) {
    polyline(context, line, scale);
    stroke(context, LINE);
  }
  for (const { x, y, isObject } of drawn?.points ?? []) point(context, (x + 0.5) * scale, (y + 0.5) * scale, isObject);
  if (preview === undefined || preview.path.length === 0) return;
  const [from, to] = [preview.path[0]!, preview.path.at(-1)!];
  if (preview.tool === "box") {
    rectangle(context, [from[0], from[1], to[0], to[1]], scale);
    stroke(context, BOX);
  } else if (preview.tool === "line") {
    polyline(context, preview.path, scale);
    stroke(context, LINE);
  }
}

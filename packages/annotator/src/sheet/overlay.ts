import type { BinaryMask, PixelBox, PointPrompt, RgbImage } from "@pixelvla/data";

/** What is drawn over a picture; everything in its pixels. */
export interface Overlay {
  readonly mask?: BinaryMask | undefined;
  readonly points?: readonly PointPrompt[] | undefined;
  readonly gripper?: PixelBox | undefined;
  readonly region?: PixelBox | undefined;
}

type Colour = readonly [number, number, number];
// Wong's colour-blind-safe palette.
const MASK: Colour = [0, 144, 255];
const GRIPPER: Colour = [230, 120, 0];
const REGION: Colour = [255, 255, 255];
const POINT: Colour = [240, 228, 66];

/** A copy of the picture's `[H, W, 3]` data with mask (tint and contour), gripper and region boxes and points drawn in. */
export function drawOverlay(image: RgbImage, { mask, points, gripper, region }: Overlay): Uint8Array {
  const { widthPx, heightPx } = image;
  const data = new Uint8Array(image.data);
  const put = (x: number, y: number, colour: Colour, share: number) => {
    if (x < 0 || y < 0 || x >= widthPx || y >= heightPx) return;
    const at = (y * widthPx + x) * 3;
    for (let c = 0; c < 3; c++) data[at + c] = Math.round(data[at + c]! * (1 - share) + colour[c]! * share);
  };
  const stroke = Math.max(1, Math.round(heightPx / 160));
  if (mask !== undefined) {
    const isObject = (x: number, y: number) =>
      x >= 0 && y >= 0 && x < widthPx && y < heightPx && mask.data[y * widthPx + x] !== 0;
    for (let y = 0; y < heightPx; y++)
      for (let x = 0; x < widthPx; x++) {
        if (!isObject(x, y)) continue;
        const isEdge =
          !isObject(x - stroke, y) || !isObject(x + stroke, y) || !isObject(x, y - stroke) || !isObject(x, y + stroke);
        put(x, y, MASK, isEdge ? 1 : 0.35);
      }
  }
  if (region !== undefined) drawBox(put, region, REGION, stroke, 6 * stroke);
  if (gripper !== undefined) drawBox(put, gripper, GRIPPER, stroke, Infinity);
  for (const { x, y } of points ?? [])
    for (let dy = -stroke; dy <= stroke; dy++) for (let dx = -stroke; dx <= stroke; dx++) put(x + dx, y + dy, POINT, 1);
  return data;
}

/** Outline of a box, in dashes of `dashPx` with gaps as long. */
function drawBox(
  put: (x: number, y: number, colour: Colour, share: number) => void,
  box: PixelBox,
  colour: Colour,
  stroke: number,
  dashPx: number,
): void {
  const [x0, y0] = [Math.round(box.x0), Math.round(box.y0)];
  const [x1, y1] = [Math.round(box.x1) - 1, Math.round(box.y1) - 1];
  const isDrawn = (along: number) => dashPx === Infinity || Math.floor(along / dashPx) % 2 === 0;
  for (let s = 0; s < stroke; s++) {
    for (let x = x0; x <= x1; x++)
      if (isDrawn(x - x0)) {
        put(x, y0 + s, colour, 1);
        put(x, y1 - s, colour, 1);
      }
    for (let y = y0; y <= y1; y++)
      if (isDrawn(y - y0)) {
        put(x0 + s, y, colour, 1);
        put(x1 - s, y, colour, 1);
      }
  }
}

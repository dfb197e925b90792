import type { Mask } from "./rle.ts";

/** Part of a mask in pixels, ends not included. */
export interface Patch {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** Paints (255) or erases (0) a stroke of discs from one place to another, in place; gives the part that may have changed. */
export function paintStroke(
  { widthPx, heightPx, data }: Mask,
  from: readonly [x: number, y: number],
  to: readonly [x: number, y: number],
  radiusPx: number,
  value: 0 | 255,
): Patch {
  const [ax, ay] = from;
  const [bx, by] = to;
  const patch = {
    x0: Math.max(0, Math.floor(Math.min(ax, bx) - radiusPx)),
    y0: Math.max(0, Math.floor(Math.min(ay, by) - radiusPx)),
    x1: Math.min(widthPx, Math.ceil(Math.max(ax, bx) + radiusPx) + 1),
    y1: Math.min(heightPx, Math.ceil(Math.max(ay, by) + radiusPx) + 1),
  };
  const [dx, dy] = [bx - ax, by - ay];
  const lengthSquared = dx * dx + dy * dy;
  const reach = radiusPx * radiusPx;
  for (let y = patch.y0; y < patch.y1; y++)
    for (let x = patch.x0; x < patch.x1; x++) {
      const [px, py] = [x + 0.5 - ax, y + 0.5 - ay]; // distance of the pixel's centre to the stroke's middle line
      const along = lengthSquared === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / lengthSquared));
      const [ox, oy] = [px - along * dx, py - along * dy];
      if (ox * ox + oy * oy <= reach) data[y * widthPx + x] = value;
    }
  return patch;
}

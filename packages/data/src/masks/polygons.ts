import type { BinaryMask } from "./mask.ts";
import { badMask } from "./errors.ts";
import { checkMaskSize } from "./mask.ts";

/** One ring as `[x1, y1, x2, y2, ...]` in pixels, origin at the top-left corner of the top-left pixel. */
export type Ring = readonly number[];

/** Steps per pixel at which COCO's tools walk an outline. */
const SCALE = 5;

/**
 * Rings -> pixels, with the same pixels as pycocotools gives for each ring.
 *
 * @param fill `"union"`: a pixel inside any ring is set (COCO). `"even-odd"`: inside an odd number of rings, so holes survive.
 * @throws PVLA_MASK_DECODE for rings with fewer than 3 points or values that are no numbers
 */
export function maskFromPolygons(
  rings: readonly Ring[],
  size: { heightPx: number; widthPx: number },
  fill: "union" | "even-odd" = "union",
): BinaryMask {
  const { heightPx, widthPx } = size;
  checkMaskSize("a polygon", heightPx, widthPx);
  const data = new Uint8Array(heightPx * widthPx);
  for (const ring of rings) {
    if (ring.length < 6 || ring.length % 2 !== 0)
      throw badMask("a polygon", `a ring of ${ring.length} numbers`, "at least 3 points of 2 numbers each");
    const wild = ring.find((value) => !Number.isFinite(value) || Math.abs(value) > 1e6);
    if (wild !== undefined) throw badMask("a polygon", `the coordinate ${String(wild)}`, "finite pixels");
    fillRing(ring, heightPx, widthPx, data, fill);
  }
  return { heightPx, widthPx, data };
}

function fillRing(ring: Ring, heightPx: number, widthPx: number, data: Uint8Array, fill: "union" | "even-odd"): void {
  // Every crossing of a column's centre line flips inside and outside from there down (and on into the next columns,
  // where the ring's other side flips it back).
  const flips = new Uint8Array(heightPx * widthPx + 1);
  let previous: { u: number; v: number } | undefined;
  walk(ring, (u, v) => {
    if (previous !== undefined && u !== previous.u) {
      const x = (Math.min(u, previous.u) + 0.5) / SCALE - 0.5;
      if (Number.isInteger(x) && x >= 0 && x <= widthPx - 1) {
        const y = (Math.min(v, previous.v) + 0.5) / SCALE - 0.5;
        flips[x * heightPx + Math.ceil(Math.min(Math.max(y, 0), heightPx))]! ^= 1;
      }
    }
    previous = { u, v };
  });
  let inside = 0;
  for (let x = 0, position = 0; x < widthPx; x++)
    for (let y = 0; y < heightPx; y++, position++) {
      inside ^= flips[position]!;
      if (inside === 0) continue;
      const i = y * widthPx + x;
      data[i] = fill === "union" ? 1 : data[i]! ^ 1;
    }
}

/** Visits the ring's outline on the fine grid, point by point along the longer axis of each edge. */
function walk(ring: Ring, visit: (u: number, v: number) => void): void {
  const n = ring.length / 2;
  const fine = ring.map((value) => Math.trunc(SCALE * value + 0.5));
  for (let i = 0; i < n; i++) {
    const next = (i + 1) % n;
    let [xs, ys, xe, ye] = [fine[2 * i]!, fine[2 * i + 1]!, fine[2 * next]!, fine[2 * next + 1]!];
    const [dx, dy] = [Math.abs(xe - xs), Math.abs(ye - ys)];
    const wide = dx >= dy;
    const backwards = wide ? xs > xe : ys > ye;
    if (backwards) [xs, ys, xe, ye] = [xe, ye, xs, ys];
    const length = wide ? dx : dy;
    const slope = length === 0 ? 0 : wide ? (ye - ys) / dx : (xe - xs) / dy;
    for (let d = 0; d <= length; d++) {
      const t = backwards ? length - d : d;
      if (wide) visit(t + xs, Math.trunc(ys + slope * t + 0.5));
      else visit(Math.trunc(xs + slope * t + 0.5), t + ys);
    }
  }
}

/**
 * Pixels -> rings along pixel edges: outlines clockwise, holes counter-clockwise (y down). Filling them even-odd gives
 * the same pixels again; without holes a union fill does too. Pixels that touch only at a corner belong to separate rings.
 */
export function polygonsFromMask({ heightPx, widthPx, data }: BinaryMask): { rings: number[][]; hasHoles: boolean } {
  const set = (x: number, y: number) => x >= 0 && y >= 0 && x < widthPx && y < heightPx && data[y * widthPx + x] !== 0;
  // Directions 0..3: right, down, left, up. An edge keeps the object on its right-hand side.
  const [dx, dy] = [
    [1, 0, -1, 0],
    [0, 1, 0, -1],
  ];
  const seen = new Uint8Array((heightPx + 1) * (widthPx + 1)); // bit d: the edge leaving this corner in direction d
  const isEdge = (x: number, y: number, d: number) => {
    const right: [number, number] = d === 0 ? [x, y] : d === 1 ? [x - 1, y] : d === 2 ? [x - 1, y - 1] : [x, y - 1];
    const left: [number, number] = d === 0 ? [x, y - 1] : d === 1 ? [x, y] : d === 2 ? [x - 1, y] : [x - 1, y - 1];
    return set(...right) && !set(...left);
  };
  const rings: number[][] = [];
  let hasHoles = false;
  for (let y0 = 0; y0 <= heightPx; y0++)
    for (let x0 = 0; x0 <= widthPx; x0++)
      for (const start of [0, 2]) {
        if ((seen[y0 * (widthPx + 1) + x0]! & (1 << start)) !== 0 || !isEdge(x0, y0, start)) continue;
        const ring: number[] = [];
        let [x, y, d] = [x0, y0, start];
        let doubleArea = 0;
        do {
          seen[y * (widthPx + 1) + x]! |= 1 << d;
          const [nextX, nextY] = [x + dx[d]!, y + dy[d]!];
          doubleArea += x * nextY - nextX * y;
          // Right turn first: it keeps diagonal neighbours apart.
          const turn = [1, 0, 3].find((t) => isEdge(nextX, nextY, (d + t) % 4))!;
          if (turn !== 0) ring.push(nextX, nextY);
          [x, y, d] = [nextX, nextY, (d + turn) % 4];
        } while (x !== x0 || y !== y0 || d !== start);
        rings.push(ring);
        hasHoles ||= doubleArea < 0;
      }
  return { rings, hasHoles };
}

import type { BinaryMask } from "@pixelvla/data";

/** The object pixel nearest to the object's centre of mass, in px. The mask must not be empty. */
export function pointInside({ widthPx, data }: BinaryMask): { readonly x: number; readonly y: number } {
  let [sumX, sumY, area] = [0, 0, 0];
  for (let i = 0; i < data.length; i++) {
    if (data[i] === 0) continue;
    sumX += i % widthPx;
    sumY += Math.floor(i / widthPx);
    area++;
  }
  let [best, nearest] = [0, Infinity];
  for (let i = 0; i < data.length; i++) {
    if (data[i] === 0) continue;
    const distance = ((i % widthPx) - sumX / area) ** 2 + (Math.floor(i / widthPx) - sumY / area) ** 2;
    if (distance < nearest) [best, nearest] = [i, distance];
  }
  return { x: best % widthPx, y: Math.floor(best / widthPx) };
}

import type { PixelBox } from "@pixelvla/data";

/** A connected piece of a mask. */
export interface Component {
  /** Indices of its pixels. */
  readonly pixels: readonly number[];
  readonly box: PixelBox;
}

/** The 8-connected pieces of a mask `[H, W]` with at least `minPixels`, largest first. */
export function components(
  mask: ArrayLike<number>,
  widthPx: number,
  heightPx: number,
  minPixels = 1,
): readonly Component[] {
  const seen = new Uint8Array(widthPx * heightPx);
  const found: Component[] = [];
  for (let start = 0; start < seen.length; start++) {
    if (mask[start] === 0 || seen[start] === 1) continue;
    const pixels = [start];
    seen[start] = 1;
    const box = { x0: widthPx, y0: heightPx, x1: 0, y1: 0 };
    for (const pixel of pixels) {
      const [x, y] = [pixel % widthPx, Math.floor(pixel / widthPx)];
      box.x0 = Math.min(box.x0, x);
      box.y0 = Math.min(box.y0, y);
      box.x1 = Math.max(box.x1, x + 1);
      box.y1 = Math.max(box.y1, y + 1);
      for (let v = Math.max(0, y - 1); v <= Math.min(heightPx - 1, y + 1); v++)
        for (let u = Math.max(0, x - 1); u <= Math.min(widthPx - 1, x + 1); u++) {
          const next = v * widthPx + u;
          if (seen[next] === 1 || mask[next] === 0) continue;
          seen[next] = 1;
          pixels.push(next);
        }
    }
    if (pixels.length >= minPixels) found.push({ pixels, box });
  }
  return found.sort((a, b) => b.pixels.length - a.pixels.length);
}

/** Fills holes (4-connected background that does not reach the border) of at most `maxPixels`, in place. */
export function fillHoles(mask: Uint8Array, widthPx: number, heightPx: number, maxPixels: number): void {
  const seen = new Uint8Array(mask.length);
  for (let start = 0; start < mask.length; start++) {
    if (mask[start] !== 0 || seen[start] === 1) continue;
    const pixels = [start];
    seen[start] = 1;
    let open = false;
    for (const pixel of pixels) {
      const x = pixel % widthPx;
      const y = Math.floor(pixel / widthPx);
      open ||= x === 0 || y === 0 || x === widthPx - 1 || y === heightPx - 1;
      for (const [next, inside] of [
        [pixel - 1, x > 0],
        [pixel + 1, x < widthPx - 1],
        [pixel - widthPx, y > 0],
        [pixel + widthPx, y < heightPx - 1],
      ] as const)
        if (inside && mask[next] === 0 && seen[next] === 0) {
          seen[next] = 1;
          pixels.push(next);
        }
    }
    if (!open && pixels.length <= maxPixels) for (const pixel of pixels) mask[pixel] = 1;
  }
}

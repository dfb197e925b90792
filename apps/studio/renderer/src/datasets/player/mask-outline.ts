/** A closed or open run of pixel edges as one polyline: `[x0, y0, x1, y1, …]` in mask pixels. */
export type EdgeRuns = readonly (readonly number[])[];

/**
 * Edges between object and background of a mask, `[H, W]` above 127 on the object, as straight runs along pixel borders.
 * Drawn as lines they keep their width on the screen at any zoom.
 */
export function maskEdges(
  mask: Uint8Array | Uint8ClampedArray,
  widthPx: number,
  heightPx: number,
  stride = 1,
): number[][] {
  const inside = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < widthPx && y < heightPx && mask[(y * widthPx + x) * stride]! > 127;
  const runs: number[][] = [];
  for (let y = 0; y <= heightPx; y++) {
    let start = -1;
    for (let x = 0; x <= widthPx; x++) {
      const isEdge = x < widthPx && inside(x, y) !== inside(x, y - 1);
      if (isEdge && start < 0) start = x;
      if (!isEdge && start >= 0) {
        runs.push([start, y, x, y]);
        start = -1;
      }
    }
  }
  for (let x = 0; x <= widthPx; x++) {
    let start = -1;
    for (let y = 0; y <= heightPx; y++) {
      const isEdge = y < heightPx && inside(x, y) !== inside(x - 1, y);
      if (isEdge && start < 0) start = y;
      if (!isEdge && start >= 0) {
        runs.push([x, start, x, y]);
        start = -1;
      }
    }
  }
  return runs;
}

/** The logit that filled pixels get: just above the threshold. */
const FILLED = 0.1;

/**
 * Fills holes of mask logits `[side, side]` in place: regions at or below 0, connected over edges and corners, of at most
 * `maxArea` pixels.
 *
 * Source: SAM 2's `fill_holes_in_mask_scores`, applied to low-resolution masks of video (area 8).
 */
export function fillHoles(logits: Float32Array, side: number, maxArea: number): void {
  const seen = new Uint8Array(logits.length);
  const region: number[] = [];
  for (let start = 0; start < logits.length; start++) {
    if (seen[start] !== 0 || logits[start]! > 0) continue;
    region.length = 0;
    region.push(start);
    seen[start] = 1;
    for (let next = 0; next < region.length; next++) visitNeighbours(region[next]!, logits, side, seen, region);
    if (region.length <= maxArea) for (const index of region) logits[index] = FILLED;
  }
}

function visitNeighbours(index: number, logits: Float32Array, side: number, seen: Uint8Array, region: number[]): void {
  const x = index % side;
  const y = (index - x) / side;
  for (let v = Math.max(0, y - 1); v <= Math.min(side - 1, y + 1); v++) {
    for (let u = Math.max(0, x - 1); u <= Math.min(side - 1, x + 1); u++) {
      const at = v * side + u;
      if (seen[at] !== 0 || logits[at]! > 0) continue;
      seen[at] = 1;
      region.push(at);
    }
  }
}

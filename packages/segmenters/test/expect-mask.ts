import { expect } from "vitest";
import { resizeAndThreshold, resizePlane, type FloatPlane } from "../src/image/resize-plane.ts";
import { digest } from "./sam2-golden.ts";

/** How near to zero a logit must be for its pixel to differ, and most such pixels of the 518 400 of a mask (15 were seen). */
const ROUNDING = 1e-4;
const MAX_DIFFERING = 24;

/**
 * Compares a mask with the peer's. Cut at zero, the peer's own logits give its mask, bit for bit; ours may differ where a
 * logit is zero but for rounding, as there the order of a sum decides.
 */
export function expectMask(mask: Uint8Array, peer: FloatPlane, hash: string, size: PictureSize, what: string): void {
  const { widthPx, heightPx } = size;
  expect(digest(resizeAndThreshold(peer, widthPx, heightPx, 0)), what).toBe(hash);
  const { data } = resizePlane(peer, widthPx, heightPx);
  let nDiffering = 0;
  for (let i = 0; i < data.length; i++) {
    if (data[i]! > 0 === (mask[i] === 1)) continue;
    nDiffering++;
    expect(Math.abs(data[i]!), what).toBeLessThan(ROUNDING);
  }
  expect(nDiffering, what).toBeLessThanOrEqual(MAX_DIFFERING);
}

interface PictureSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

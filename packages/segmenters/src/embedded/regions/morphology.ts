/** Pixels within `radius` (a square) of the mask `[H, W]`. */
export function dilated(mask: Uint8Array, widthPx: number, heightPx: number, radius: number): Uint8Array {
  return passes(mask, widthPx, heightPx, radius, (any) => any > 0);
}

/** Pixels whose whole square of `radius` lies in the mask; what lies outside the picture counts as mask. */
export function eroded(mask: Uint8Array, widthPx: number, heightPx: number, radius: number): Uint8Array {
  const inverse = mask.map((value) => 1 - value);
  return dilated(inverse, widthPx, heightPx, radius).map((value) => 1 - value);
}

function passes(
  mask: Uint8Array,
  widthPx: number,
  heightPx: number,
  radius: number,
  keep: (sum: number) => boolean,
): Uint8Array {
  if (radius <= 0) return mask.slice();
  const rows = new Uint8Array(mask.length);
  slide(mask, rows, heightPx, widthPx, widthPx, 1, radius, keep);
  const out = new Uint8Array(mask.length);
  slide(rows, out, widthPx, heightPx, 1, widthPx, radius, keep);
  return out;
}

/** Sliding sums along `n` lines of `length` elements, `step` apart. */
function slide(
  from: Uint8Array,
  to: Uint8Array,
  nLines: number,
  length: number,
  lineStep: number,
  step: number,
  radius: number,
  keep: (sum: number) => boolean,
): void {
  for (let line = 0; line < nLines; line++) {
    const start = line * lineStep;
    let sum = 0;
    for (let i = 0; i < Math.min(radius, length); i++) sum += from[start + i * step]!;
    for (let i = 0; i < length; i++) {
      if (i + radius < length) sum += from[start + (i + radius) * step]!;
      if (i - radius - 1 >= 0) sum -= from[start + (i - radius - 1) * step]!;
      to[start + i * step] = keep(sum) ? 1 : 0;
    }
  }
}

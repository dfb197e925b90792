/** Operations on binary object masks `[H, W]` in {0, 1}; none changes its input. */

/** Keeps pixels whose four neighbours are set too, `rounds` times; the picture's border counts as unset. */
export function eroded(mask: Uint8Array, widthPx: number, rounds: number): Uint8Array {
  let current = mask;
  for (let round = 0; round < rounds; round++) {
    const next = new Uint8Array(current.length);
    for (let i = 0; i < current.length; i++) {
      const x = i % widthPx;
      const inside = x > 0 && x < widthPx - 1 && i >= widthPx && i < current.length - widthPx;
      if (inside && current[i] && current[i - 1] && current[i + 1] && current[i - widthPx] && current[i + widthPx])
        next[i] = 1;
    }
    current = next;
  }
  return current;
}

/** Moved by whole pixels; what leaves the picture is lost. */
export function shifted(mask: Uint8Array, widthPx: number, dxPx: number, dyPx: number): Uint8Array {
  const result = new Uint8Array(mask.length);
  const heightPx = mask.length / widthPx;
  for (let y = 0; y < heightPx; y++)
    for (let x = 0; x < widthPx; x++) {
      const [fromX, fromY] = [x - dxPx, y - dyPx];
      if (fromX >= 0 && fromX < widthPx && fromY >= 0 && fromY < heightPx)
        result[y * widthPx + x] = mask[fromY * widthPx + fromX]!;
    }
  return result;
}

/** The largest 4-connected part. */
export function largestPart(mask: Uint8Array, widthPx: number): Uint8Array {
  const { label, sizes } = partsOf(mask, widthPx);
  const best = sizes.indexOf(Math.max(0, ...sizes.slice(1)), 1);
  return mask.map((_, i) => (best > 0 && label[i] === best ? 1 : 0));
}

/** The 4-connected part nearest to a place, counted from its nearest pixel; parts of one or two pixels only where there is nothing else. */
export function nearestPart(mask: Uint8Array, widthPx: number, xPx: number, yPx: number): Uint8Array {
  const { label, sizes } = partsOf(mask, widthPx);
  let [best, bestDistance] = [0, Infinity];
  label.forEach((part, i) => {
    if (part === 0) return;
    const speck = sizes[part]! < 3 ? mask.length : 0;
    const distance = Math.hypot((i % widthPx) - xPx, Math.floor(i / widthPx) - yPx) + speck;
    if (distance < bestDistance) [best, bestDistance] = [part, distance];
  });
  return mask.map((_, i) => (best > 0 && label[i] === best ? 1 : 0));
}

/** 4-connected parts: each pixel's part, counted from 1 (0: unset), and the parts' sizes by that number. */
function partsOf(mask: Uint8Array, widthPx: number): { label: Int32Array; sizes: number[] } {
  const label = new Int32Array(mask.length);
  const sizes = [0];
  const queue: number[] = [];
  for (let seed = 0; seed < mask.length; seed++) {
    if (!mask[seed] || label[seed]) continue;
    const part = sizes.length;
    label[seed] = part;
    queue.length = 0;
    queue.push(seed);
    for (let head = 0; head < queue.length; head++) {
      const i = queue[head]!;
      const x = i % widthPx;
      for (const next of [x > 0 ? i - 1 : -1, x < widthPx - 1 ? i + 1 : -1, i - widthPx, i + widthPx])
        if (next >= 0 && next < mask.length && mask[next] && !label[next]) {
          label[next] = part;
          queue.push(next);
        }
    }
    sizes.push(queue.length);
  }
  return { label, sizes };
}

/** Centre, spread and principal direction of the set pixels; undefined for an empty mask. */
export function momentsOf(
  mask: Uint8Array,
  widthPx: number,
): { xPx: number; yPx: number; angleRad: number; halfLengthPx: number; area: number } | undefined {
  let [area, sx, sy] = [0, 0, 0];
  mask.forEach((value, i) => {
    if (!value) return;
    area++;
    sx += i % widthPx;
    sy += Math.floor(i / widthPx);
  });
  if (area === 0) return undefined;
  const [xPx, yPx] = [sx / area, sy / area];
  let [xx, xy, yy] = [0, 0, 0];
  mask.forEach((value, i) => {
    if (!value) return;
    const [dx, dy] = [(i % widthPx) - xPx, Math.floor(i / widthPx) - yPx];
    xx += dx * dx;
    xy += dx * dy;
    yy += dy * dy;
  });
  const angleRad = 0.5 * Math.atan2(2 * xy, xx - yy);
  const variance = (xx + yy + Math.hypot(xx - yy, 2 * xy)) / (2 * area);
  return { xPx, yPx, angleRad, halfLengthPx: Math.sqrt(3 * variance), area };
}

import type { BinaryMask } from "@pixelvla/data";

/** Connected pieces of a mask (8-connected), largest first. */
export interface Components {
  /** `[H, W]`: 0 background, else number of the piece; 1 is the largest. */
  readonly labels: Int32Array;
  /** Pixels of each piece, `areas[0]` of piece 1. */
  readonly areas: readonly number[];
}

/** Labels the connected pieces of a mask. */
export function connectedComponents({ widthPx, heightPx, data }: BinaryMask): Components {
  const found = new Int32Array(data.length);
  const areas: number[] = [];
  const stack: number[] = [];
  for (let start = 0; start < data.length; start++) {
    if (data[start] === 0 || found[start] !== 0) continue;
    const label = areas.length + 1;
    let area = 0;
    found[start] = label;
    stack.push(start);
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      area++;
      const [x, y] = [at % widthPx, Math.floor(at / widthPx)];
      for (let ny = Math.max(0, y - 1); ny <= Math.min(heightPx - 1, y + 1); ny++)
        for (let nx = Math.max(0, x - 1); nx <= Math.min(widthPx - 1, x + 1); nx++) {
          const next = ny * widthPx + nx;
          if (data[next] === 0 || found[next] !== 0) continue;
          found[next] = label;
          stack.push(next);
        }
    }
    areas.push(area);
  }
  const order = areas.map((_, i) => i).sort((a, b) => areas[b]! - areas[a]! || a - b);
  const rank = new Int32Array(areas.length + 1);
  for (const [place, i] of order.entries()) rank[i + 1] = place + 1;
  return { labels: found.map((label) => rank[label]!), areas: order.map((i) => areas[i]!) };
}

/** The largest connected piece alone; an empty mask stays empty. */
export function largestComponent(mask: BinaryMask, { labels }: Components = connectedComponents(mask)): BinaryMask {
  return { ...mask, data: Uint8Array.from(labels, (label) => (label === 1 ? 1 : 0)) };
}

/** Share of a mask outside its largest piece, 0..1; 0 for an empty mask. */
export function fragmentation({ areas }: Components): number {
  const total = areas.reduce((sum, area) => sum + area, 0);
  return total === 0 ? 0 : 1 - areas[0]! / total;
}

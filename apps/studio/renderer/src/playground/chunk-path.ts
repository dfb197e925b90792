import { formatFixed } from "../text/format.ts";

/** A chunk of actions as it is drawn. */
export interface DrawnChunk {
  readonly label: string;
  /** `[Nc][A]`, null past the end of the episode. */
  readonly rows: readonly (readonly number[] | null)[];
  /** Token of its colour. */
  readonly color: string;
}

/** Positions `[n + 1, 3]` that the xyz deltas of a chunk lead to from `origin`; n is the number of steps before the first null. */
export function chunkPath(rows: DrawnChunk["rows"], origin: readonly number[]): Float32Array {
  const end = rows.findIndex((row) => row === null);
  const known = (end < 0 ? rows : rows.slice(0, end)) as readonly (readonly number[])[];
  const positions = new Float32Array((known.length + 1) * 3);
  for (let axis = 0; axis < 3; axis++) {
    let at = origin[axis] ?? 0;
    positions[axis] = at;
    known.forEach((row, k) => {
      at += row[axis] ?? 0;
      positions[(k + 1) * 3 + axis] = at;
    });
  }
  return positions;
}

/** Where a path leads, in words: "31 mm along x, −12 along y, −40 along z". */
export function wayText(path: Float32Array): string {
  const alongMm = [0, 1, 2].map((axis) => formatFixed(1000 * (path.at(axis - 3)! - path[axis]!), 0));
  return `${alongMm[0]!} mm along x, ${alongMm[1]!} along y, ${alongMm[2]!} along z`;
}

/** Angle between the ways two chunks lead, degrees; undefined where one leads nowhere. */
export function turnDeg(a: Float32Array, b: Float32Array): number | undefined {
  const way = (path: Float32Array) => [0, 1, 2].map((axis) => path.at(axis - 3)! - path[axis]!);
  const [u, v] = [way(a), way(b)];
  const lengths = Math.hypot(...u) * Math.hypot(...v);
  if (lengths < 1e-12) return undefined;
  const cosine = (u[0]! * v[0]! + u[1]! * v[1]! + u[2]! * v[2]!) / lengths;
  return (Math.acos(Math.min(1, Math.max(-1, cosine))) * 180) / Math.PI;
}

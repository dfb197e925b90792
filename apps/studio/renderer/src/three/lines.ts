import { BufferAttribute, BufferGeometry, Vector3 } from "three";
import { Line2 } from "three/examples/jsm/lines/Line2.js";
import { LineGeometry } from "three/examples/jsm/lines/LineGeometry.js";
import { LineMaterial } from "three/examples/jsm/lines/LineMaterial.js";

/** A line of constant width on the screen through `positions` `[n, 3]`; its material needs the canvas size as `resolution`. */
export function makeLine(positions: readonly number[] | Float32Array, color: string, widthPx: number): Line2 {
  const geometry = new LineGeometry();
  geometry.setPositions(positions as number[]);
  const line = new Line2(geometry, new LineMaterial({ color, linewidth: widthPx }));
  line.frustumCulled = false;
  return line;
}

/** A flat band along the chunk, so that its direction reads from any side. `positions` `[n, 3]`. */
export function ribbonGeometry(positions: Float32Array, halfWidth: number): BufferGeometry {
  const n = positions.length / 3;
  const vertices = new Float32Array(n * 6);
  const indices: number[] = [];
  for (let i = 0; i < n; i++) {
    const from = Math.max(0, i - 1) * 3;
    const to = Math.min(n - 1, i + 1) * 3;
    const along = new Vector3(
      positions[to]! - positions[from]!,
      positions[to + 1]! - positions[from + 1]!,
      positions[to + 2]! - positions[from + 2]!,
    );
    const across = along.cross(new Vector3(0, 0, 1));
    if (across.lengthSq() < 1e-16) across.set(1, 0, 0);
    across.setLength(halfWidth);
    for (const [side, sign] of [[0, 1] as const, [3, -1] as const])
      vertices.set(
        [
          positions[i * 3]! + sign * across.x,
          positions[i * 3 + 1]! + sign * across.y,
          positions[i * 3 + 2]! + sign * across.z,
        ],
        i * 6 + side,
      );
    if (i > 0) indices.push(2 * i - 2, 2 * i - 1, 2 * i, 2 * i - 1, 2 * i + 1, 2 * i);
  }
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(vertices, 3));
  geometry.setIndex(indices);
  return geometry;
}

import {
  BoxGeometry,
  CapsuleGeometry,
  Color,
  CylinderGeometry,
  Mesh,
  MeshLambertMaterial,
  SphereGeometry,
  type BufferGeometry,
} from "three";
import type { RolloutStart } from "../host/types.ts";

export type SceneGeom = RolloutStart["geoms"][number];

/** A solid from MuJoCo's half sizes. MuJoCo's round bodies stand along z, three.js's along y. */
export function geometryOf({ type, sizeM }: Pick<SceneGeom, "type" | "sizeM">): BufferGeometry {
  const [a = 0.01, b = a, c = a] = sizeM;
  switch (type) {
    case "box":
      return new BoxGeometry(2 * a, 2 * b, 2 * c);
    case "sphere":
      return new SphereGeometry(a, 24, 16);
    case "ellipsoid":
      return new SphereGeometry(1, 24, 16).scale(a, b, c);
    case "cylinder":
      return new CylinderGeometry(a, a, 2 * b, 28).rotateX(Math.PI / 2);
    case "capsule":
      return new CapsuleGeometry(a, 2 * b, 6, 20).rotateX(Math.PI / 2);
  }
}

/** A mesh that `place` moves. */
export function meshOf(geom: SceneGeom): Mesh<BufferGeometry, MeshLambertMaterial> {
  const [r = 0.5, g = 0.5, b = 0.5] = geom.rgb;
  const mesh = new Mesh(geometryOf(geom), new MeshLambertMaterial({ color: new Color().setRGB(r, g, b, "srgb") }));
  mesh.matrixAutoUpdate = false;
  mesh.userData["owner"] = geom.owner;
  return mesh;
}

/** Puts a mesh where row `index` of the poses `[G, 12]` says: position, then a row-major rotation. */
export function place(mesh: Mesh, poses: Float32Array, index: number): void {
  const [x, y, z, ...r] = poses.subarray(12 * index, 12 * (index + 1));
  mesh.matrix.set(r[0]!, r[1]!, r[2]!, x!, r[3]!, r[4]!, r[5]!, y!, r[6]!, r[7]!, r[8]!, z!, 0, 0, 0, 1);
  mesh.matrixWorldNeedsUpdate = true;
}

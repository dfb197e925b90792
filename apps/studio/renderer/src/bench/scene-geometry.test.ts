import { Box3, Vector3 } from "three";
import { expect, test } from "vitest";
import { geometryOf, meshOf, place, type SceneGeom } from "./scene-geometry.ts";

const extent = (type: SceneGeom["type"], sizeM: number[]) => {
  const geometry = geometryOf({ type, sizeM });
  geometry.computeBoundingBox();
  return geometry.boundingBox!.getSize(new Vector3()).toArray();
};

test("solids have MuJoCo's extents: half sizes doubled, round bodies along z", () => {
  expect(extent("box", [1, 2, 3])).toEqual([2, 4, 6]);
  const [x, , z] = extent("cylinder", [0.5, 2]);
  expect(x).toBeCloseTo(1, 1);
  expect(z).toBeCloseTo(4, 5);
  expect(extent("capsule", [0.5, 2])[2]).toBeCloseTo(5, 5);
  expect(extent("ellipsoid", [0.1, 0.2, 0.3])[2]).toBeCloseTo(0.6, 2);
});

test("a pose moves and turns a solid as its row says", () => {
  const mesh = meshOf({ owner: "a", type: "box", sizeM: [1, 2, 3], rgb: [1, 0, 0], dynamic: true });
  // A quarter turn about z: x goes to y.
  place(mesh, Float32Array.from([...new Array<number>(12).fill(0), 10, 20, 30, 0, -1, 0, 1, 0, 0, 0, 0, 1]), 1);
  mesh.updateMatrixWorld();
  const bounds = new Box3().setFromObject(mesh);
  expect(bounds.getCenter(new Vector3()).toArray()).toEqual([10, 20, 30]);
  expect(bounds.getSize(new Vector3()).toArray().map(Math.round)).toEqual([4, 2, 6]);
});

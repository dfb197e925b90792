import type { TabletopWorld } from "../env/tabletop-world.ts";

/** A geom for a 3D view; sizes are MuJoCo's half sizes in metres (see `Part.size`). */
export interface StreamedGeom {
  readonly owner: string;
  readonly type: "box" | "sphere" | "cylinder" | "capsule" | "ellipsoid";
  readonly sizeM: readonly number[];
  readonly rgb: readonly [number, number, number];
  readonly dynamic: boolean;
}

/** MuJoCo's geom type numbers. */
const TYPES: Readonly<Record<number, StreamedGeom["type"]>> = {
  2: "sphere",
  3: "capsule",
  4: "ellipsoid",
  5: "cylinder",
  6: "box",
};

/** What a scene is made of: sent once an episode; index = row of `geomPoses`. Plain JSON. */
export function sceneGeometry({ world, simulation }: TabletopWorld): StreamedGeom[] {
  const sizes = simulation.model.geom_size as Float64Array;
  const types = simulation.model.geom_type as Int32Array;
  return world.geoms.map(({ owner, rgb, dynamic }, i) => ({
    owner,
    type: TYPES[types[i]!]!,
    sizeM: Array.from(sizes.subarray(3 * i, 3 * i + 3)),
    rgb,
    dynamic,
  }));
}

/** Where everything is: `[G, 12]`, position (metres) and row-major rotation of each geom in the world frame; sent at every env step. */
export function geomPoses({ world, simulation }: TabletopWorld): Float32Array {
  const positions = simulation.data.geom_xpos as Float64Array;
  const rotations = simulation.data.geom_xmat as Float64Array;
  const poses = new Float32Array(12 * world.geoms.length);
  for (let i = 0; i < world.geoms.length; i++) {
    poses.set(positions.subarray(3 * i, 3 * i + 3), 12 * i);
    poses.set(rotations.subarray(9 * i, 9 * i + 9), 12 * i + 3);
  }
  return poses;
}

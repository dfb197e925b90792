import { receptacleNamed, shapeNamed } from "../scene/catalogue.ts";
import type { Matrix3, Vector3 } from "../scene/rotation.ts";
import type { DrawerName, ObjectSpec } from "../scene/scene-spec.ts";

/** Pose and size of one object at one moment, world frame. */
export interface ObjectState {
  readonly spec: ObjectSpec;
  readonly positionM: Vector3;
  readonly rotation: Matrix3;
  /** Half extents of the bounding box in the object's own frame, and that box's centre there. */
  readonly halfExtentsM: Vector3;
  readonly centreM: Vector3;
}

/** Two owners of geoms (see `GeomInfo.owner`) in loaded contact. */
export interface Touch {
  readonly a: string;
  readonly b: string;
}

/** Everything the rules and the expert look at, at one moment. */
export interface Snapshot {
  /** Env steps taken so far. */
  readonly stepIndex: number;
  readonly objects: readonly ObjectState[];
  /** How far each drawer is open, metres; present with the cabinet. */
  readonly drawersM?: Readonly<Record<DrawerName, number>>;
  readonly touches: readonly Touch[];
  /** Objects held by both fingers, each pressing within the embodiment's grasp angle of the opening direction. */
  readonly graspedIds: readonly string[];
  readonly hand: HandState;
}

/** The gripper at one moment. */
export interface HandState {
  /** Measured pose of the point between the pads. */
  readonly positionM: Vector3;
  readonly rollRad: number;
  readonly pitchRad: number;
  readonly yawRad: number;
  /** Pose the drives are told to reach. */
  readonly commandedPositionM: Vector3;
  readonly commandedYawRad: number;
  /** Measured opening in [0, 1], 1 open. */
  readonly opening: number;
}

/** The half extents that the rules use for an object, and the box's centre in the object's frame. */
export function extentsOf(spec: ObjectSpec): { halfExtentsM: Vector3; centreM: Vector3 } {
  const receptacle = receptacleNamed(spec.shape);
  if (receptacle === undefined) return { halfExtentsM: shapeNamed(spec.shape).halfExtentsM, centreM: [0, 0, 0] };
  return { halfExtentsM: receptacle.halfExtentsM, centreM: [0, 0, receptacle.halfExtentsM[2]] };
}

/** Centre of an object's bounding box in the world frame. */
export function centreOf({ positionM, rotation, centreM }: ObjectState): Vector3 {
  const [x, y, z] = centreM;
  const row = (i: number) => positionM[i]! + rotation[3 * i]! * x + rotation[3 * i + 1]! * y + rotation[3 * i + 2]! * z;
  return [row(0), row(1), row(2)];
}

/** Half height of an object's bounding box along the world's z axis. */
export function halfHeightOf({ rotation, halfExtentsM }: ObjectState): number {
  return (
    Math.abs(rotation[6]!) * halfExtentsM[0] +
    Math.abs(rotation[7]!) * halfExtentsM[1] +
    Math.abs(rotation[8]!) * halfExtentsM[2]
  );
}

/** Half diagonal of an object's bounding box seen from above (in its own frame), metres. */
export function halfDiagonalOf({ halfExtentsM }: ObjectState): number {
  return Math.hypot(halfExtentsM[0], halfExtentsM[1]);
}

/** Horizontal distance of two points. */
export function distanceXy(a: Vector3, b: Vector3): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

/** The object of that id. */
export function objectById(snapshot: Snapshot, id: string): ObjectState {
  return snapshot.objects.find((object) => object.spec.id === id)!;
}

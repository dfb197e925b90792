import type { Look } from "./look.ts";

/** Embodiments of the benchmark. */
export type EmbodimentName = "widowx" | "google-robot";

/** A movable object or a receptacle of a scene. */
export interface ObjectSpec {
  /** `"object0"`, `"object1"`, …: unique in the scene. */
  readonly id: string;
  /** Name in `SHAPES` or `RECEPTACLES`. */
  readonly shape: string;
  /** Name in `COLOURS`; receptacles have their own colour and leave it empty. */
  readonly colour: string;
  /** Position on the table and turn about +z at the start, metres and radians, world frame. */
  readonly xM: number;
  readonly yM: number;
  readonly yawRad: number;
}

/** Drawers of the cabinet, from above. */
export const DRAWERS = ["top", "middle", "bottom"] as const;
export type DrawerName = (typeof DRAWERS)[number];

/** Everything needed to build the world of an episode; plain JSON. */
export interface SceneSpec {
  readonly embodiment: EmbodimentName;
  /** Where the gripper waits at the start (between the finger pads), metres, world frame. */
  readonly startPositionM: readonly [number, number, number];
  readonly objects: readonly ObjectSpec[];
  /** The cabinet stands behind the table where present; how far each drawer is open at the start, metres. */
  readonly drawerOpeningsM?: Readonly<Record<DrawerName, number>>;
  readonly look: Look;
}

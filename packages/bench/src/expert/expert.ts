import { HANDLE_REACH_M, HANDLES, CABINET } from "../scene/cabinet.ts";
import { receptacleNamed, shapeNamed } from "../scene/catalogue.ts";
import { wrapAngle, type Vector3 } from "../scene/rotation.ts";
import type { EmbodimentName } from "../scene/scene-spec.ts";
import {
  centreOf,
  distanceXy,
  halfDiagonalOf,
  halfHeightOf,
  objectById,
  type ObjectState,
  type Snapshot,
} from "../env/snapshot.ts";
import type { Goal } from "../tasks/task.ts";

/** Largest moves of the expert per env step; a policy may take a little more. */
const PACE: Readonly<Record<EmbodimentName, { stepM: number; stepRad: number }>> = {
  widowx: { stepM: 0.04, stepRad: 0.4 },
  "google-robot": { stepM: 0.055, stepRad: 0.55 },
};

/** What the expert knows: its embodiment, the goal, the start and the present. */
export interface ExpertView {
  readonly embodiment: EmbodimentName;
  readonly goal: Goal;
  readonly start: Snapshot;
  readonly now: Snapshot;
}

const OPEN = 1;
const CLOSED = 0;

/**
 * The scripted expert: a function of the present alone (the start only says where things were meant to be), so that it can
 * label any state, retries after a miss, and needs no reset.
 *
 * @returns the clean action `[7]`: dx dy dz (metres), droll dpitch dyaw (radians), gripper (1 open, 0 closed)
 */
export function expertAction(view: ExpertView): Float32Array {
  const { goal } = view;
  if ("drawer" in goal) {
    const act = goal.task === "open-drawer" ? openDrawer : closeDrawer;
    return act(view, HANDLES[goal.drawer], view.now.drawersM![goal.drawer]);
  }
  const target = objectById(view.now, goal.targetId);
  if (!("placeId" in goal)) return isHeld(view.now, target) ? lift(view) : grasp(view, target);
  return placeSomewhere(view, target, objectById(view.now, goal.placeId), goal.task);
}

/** Where the hand starts a delta from. */
function tcp({ embodiment, now: { hand } }: ExpertView): Vector3 {
  return embodiment === "widowx" ? hand.commandedPositionM : hand.positionM;
}

function handYaw({ embodiment, now: { hand } }: ExpertView): number {
  return embodiment === "widowx" ? hand.commandedYawRad : hand.yawRad;
}

/** The action towards a place, at most one step far; `dz` is limited on its own so that descents stay straight. */
function towards(view: ExpertView, goalM: Vector3, gripper: number, yawErrorRad = 0): Float32Array {
  const { stepM, stepRad } = PACE[view.embodiment];
  const from = tcp(view);
  const [dx, dy, dz] = goalM.map((value, i) => value - from[i]!) as [number, number, number];
  const flat = Math.hypot(dx, dy);
  const shrink = flat > stepM ? stepM / flat : 1;
  const limit = (value: number, most: number) => Math.min(most, Math.max(-most, value));
  return Float32Array.of(dx * shrink, dy * shrink, limit(dz, stepM), 0, 0, limit(yawErrorRad, stepRad), gripper);
}

function stay(view: ExpertView, gripper: number): Float32Array {
  return towards(view, tcp(view), gripper);
}

/** Closed around the object: fingers stopped short of each other with the object between them. */
function isHeld(now: Snapshot, target: ObjectState): boolean {
  return now.graspedIds.includes(target.spec.id) && now.hand.opening < 0.9;
}

function lift(view: ExpertView): Float32Array {
  const [x, y, z] = tcp(view);
  return towards(view, [x, y, z + 1], CLOSED);
}

/** Height of the pads above the table from which the hand passes over everything that lies there. */
const HOVER_M = 0.075;

/** Over the object, turned across it, down, close; open and rise again when the fingers closed on nothing. */
function grasp(view: ExpertView, target: ObjectState): Float32Array {
  const { now } = view;
  const { grasp: rule } = shapeNamed(target.spec.shape);
  const [x, y, z] = tcp(view);
  const objectZ = target.positionM[2];
  const goal: Vector3 = [target.positionM[0], target.positionM[1], Math.max(0.0165, objectZ + rule.heightM)];
  const hover = objectZ + Math.max(HOVER_M, halfHeightOf(target) + 0.045);
  const far = distanceXy([x, y, z], goal);
  const yawError = yawErrorOf(view, target, rule.symmetryRad);
  const aligned = far < 0.012 && Math.abs(yawError) < 0.15;
  if (now.hand.opening < 0.75 && !(aligned && Math.abs(z - goal[2]) < 0.012 && now.hand.opening > 0.06)) {
    return towards(view, [x, y, Math.max(z, hover)], OPEN);
  }
  if (!aligned) {
    // Low and off the mark: go up before going sideways, so that nothing is pushed over.
    const low = z < hover - 0.02;
    if (low && (far > 0.03 || Math.abs(yawError) > 0.3)) return towards(view, [x, y, hover], OPEN, yawError);
    const z1 = far < 0.035 && Math.abs(yawError) < 0.3 ? Math.max(goal[2], hover - 0.03) : hover;
    return towards(view, [goal[0], goal[1], low ? z : z1], OPEN, yawError);
  }
  if (z - goal[2] > 0.008) return towards(view, goal, OPEN, yawError);
  return towards(view, goal, CLOSED, yawError);
}

/** How far the hand has to turn to close across the object. */
function yawErrorOf(view: ExpertView, target: ObjectState, symmetryRad: number): number {
  if (symmetryRad === 0) return 0;
  const objectYaw = Math.atan2(target.rotation[3]!, target.rotation[0]!);
  // The object's long side is x, the fingers open along y: equal yaws close across it.
  const error = wrapAngle(objectYaw - handYaw(view), symmetryRad);
  // Stay within a quarter turn of straight, whatever the nearest solution is.
  const wanted = handYaw(view) + error;
  return wrapAngle(wanted, symmetryRad) - handYaw(view);
}

/** Highest thing between here and there that a carried object must clear. */
const CARRY_CLEARANCE_M = 0.05;

function placeSomewhere(
  view: ExpertView,
  target: ObjectState,
  place: ObjectState,
  task: "move-near" | "put-on" | "put-in" | "stack",
): Float32Array {
  const { now } = view;
  const spot = task === "move-near" ? spotNear(view, target, place) : centreOf(place);
  const surface =
    task === "move-near"
      ? 0
      : task === "stack"
        ? place.positionM[2] + halfHeightOf(place)
        : receptacleNamed(place.spec.shape)!.floorHeightM + place.positionM[2];
  const centre = centreOf(target);
  const bottom = centre[2] - halfHeightOf(target);
  const off = Math.hypot(centre[0] - spot[0], centre[1] - spot[1]);
  const tolerance = task === "stack" ? 0.006 : task === "put-in" ? 0.018 : 0.012;
  const held = isHeld(now, target);
  const [x, y, z] = tcp(view);

  const settled = off < (task === "stack" ? 0.012 : tolerance + 0.02) && bottom - surface < 0.012;
  if (!held && settled) return towards(view, [x, y, Math.max(z, surface + 0.14)], OPEN); // done: leave it alone
  if (!held) return grasp(view, target);

  // A deep receptacle: let go above the rim's height less a little, fingers need not enter.
  const dropM = task === "put-in" ? 0.02 : 0.004;
  const carryBottom = surface + (task === "put-in" ? 0.055 : 0) + CARRY_CLEARANCE_M;
  if (off > tolerance) {
    const lowBy = carryBottom - bottom;
    if (lowBy > 0.03) return towards(view, [x, y, z + lowBy], CLOSED);
    return towards(view, [x + spot[0] - centre[0], y + spot[1] - centre[1], z + lowBy], CLOSED);
  }
  const above = bottom - surface - dropM;
  const aim: Vector3 = [x + spot[0] - centre[0], y + spot[1] - centre[1], z - above];
  if (above > 0.006) return towards(view, aim, CLOSED);
  return stay(view, OPEN);
}

/** A free spot beside the place, on the side where the object came from, turned aside when something is in the way. */
function spotNear(view: ExpertView, target: ObjectState, place: ObjectState): Vector3 {
  const from = objectById(view.start, target.spec.id).positionM;
  const [px, py] = place.positionM;
  const distance =
    shapeNamed(target.spec.shape).footprintRadiusM + shapeNamed(place.spec.shape).footprintRadiusM + 0.022;
  const straight = Math.atan2(from[1] - py, from[0] - px);
  const others = view.now.objects.filter(({ spec }) => spec.id !== target.spec.id && spec.id !== place.spec.id);
  let best: { spot: Vector3; room: number } | undefined;
  for (const turn of [0, 0.5, -0.5, 1, -1, 1.6, -1.6, 2.3, -2.3]) {
    const spot: Vector3 = [px + distance * Math.cos(straight + turn), py + distance * Math.sin(straight + turn), 0];
    const inside = Math.abs(spot[0]) < 0.17 && Math.abs(spot[1]) < 0.21;
    const room = inside
      ? Math.min(
          0.06,
          ...others.map((other) => distanceXy(spot, other.positionM) - halfDiagonalOf(other) - halfDiagonalOf(target)),
        )
      : -1;
    if (!best || room > best.room + 0.005) best = { spot, room };
    if (room >= 0.045) break;
  }
  return best!.spot;
}

/** Enough of the drawer's travel beyond the success mark. */
const OPEN_ENOUGH_M = 0.175;
const SHUT_ENOUGH_M = 0.02;
/** The back finger passes between handle and drawer front. */
const HOOK_OFFSET_M: Readonly<Record<EmbodimentName, number>> = { widowx: 0.012, "google-robot": 0.018 };

type Handle = (typeof HANDLES)["top"];

/** Over the handle, down with a finger on either side, close, pull. */
function openDrawer(view: ExpertView, handle: Handle, openM: number): Float32Array {
  const [x, y, z] = tcp(view);
  const barX = CABINET.frontXM + openM + HANDLE_REACH_M;
  const turn = wrapAngle(Math.PI / 2 - handYaw(view), Math.PI);
  const closed = view.now.hand.opening < 0.45;
  const atBar = Math.abs(x - barX) < 0.03 && Math.abs(y - handle.yM) < 0.025 && Math.abs(z - handle.zM) < 0.016;
  if (openM > OPEN_ENOUGH_M)
    return closed || z < handle.zM + 0.03 ? towards(view, [x, y, handle.zM + 0.1], OPEN) : stay(view, OPEN);
  if (closed && atBar) return towards(view, [x + 1, y, z], CLOSED);
  const goal: Vector3 = [barX + HOOK_OFFSET_M[view.embodiment], handle.yM, handle.zM];
  const far = distanceXy([x, y, z], goal);
  const hover = handle.zM + 0.075;
  if (closed) return towards(view, [x, y, Math.max(z, hover)], OPEN);
  const aligned = far < 0.01 && Math.abs(turn) < 0.12;
  if (!aligned) {
    const low = z < hover - 0.02;
    if (low && far > 0.02) return towards(view, [x, y, hover], OPEN, turn);
    return towards(view, [goal[0], goal[1], hover], OPEN, turn);
  }
  if (Math.abs(z - handle.zM) > 0.009) return towards(view, goal, OPEN, turn);
  return towards(view, goal, CLOSED, turn);
}

/** In front of the handle with closed fingers, then push. */
function closeDrawer(view: ExpertView, handle: Handle, openM: number): Float32Array {
  const [x, y, z] = tcp(view);
  const barX = CABINET.frontXM + openM + HANDLE_REACH_M;
  if (openM < SHUT_ENOUGH_M) return stay(view, CLOSED);
  // The command runs ahead of the hand while it pushes: look at the hand itself.
  const handX = view.now.hand.positionM[0];
  const inFront = handX > barX + 0.004 && handX < barX + 0.09 && Math.abs(y - handle.yM) < 0.02;
  if (inFront && Math.abs(z - handle.zM) < 0.012) return towards(view, [x - 1, handle.yM, handle.zM], CLOSED);
  const goal: Vector3 = [barX + 0.05, handle.yM, handle.zM];
  const hover = handle.zM + 0.06;
  if (distanceXy([x, y, z], goal) > 0.015) {
    const low = z < hover - 0.02;
    return low && x < barX + 0.03
      ? towards(view, [x, y, hover], CLOSED)
      : towards(view, [goal[0], goal[1], hover], CLOSED);
  }
  return towards(view, goal, CLOSED);
}

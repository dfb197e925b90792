import {
  centreOf,
  distanceXy,
  halfDiagonalOf,
  halfHeightOf,
  objectById,
  type ObjectState,
  type Snapshot,
} from "../env/snapshot.ts";
import type { DrawerName } from "../scene/scene-spec.ts";
import type { Goal, Judge } from "./task.ts";

/**
 * Success rules of SimplerEnv (numbers in metres as there, except where a comment says otherwise), one judge per family.
 * Every judge also keeps "ever grasped" and "ever another object", which are latched.
 */
export function judgeOf(goal: Goal, start: Snapshot): Judge {
  switch (goal.task) {
    case "pick":
      return pickJudge(goal.targetId, start);
    case "move-near":
      return moveNearJudge(goal.targetId, goal.placeId, start);
    case "put-on":
      return placeJudge(goal.targetId, goal.placeId, start, {
        maxGapM: 0.02,
        exclusive: onlyOnPlate(goal.placeId, start),
      });
    case "put-in":
      return placeJudge(goal.targetId, goal.placeId, start, { maxGapM: 0.06, exclusive: false });
    case "stack":
      return placeJudge(goal.targetId, goal.placeId, start, { maxGapM: 0.02, exclusive: true });
    case "open-drawer":
      return drawerJudge(goal.drawer, start, (openM) => openM >= 0.15);
    case "close-drawer":
      return drawerJudge(goal.drawer, start, (openM) => openM <= 0.05);
  }
}

/** The towel may wrinkle under other contacts, the plate not: as in "put spoon on towel" and "put carrot on plate". */
function onlyOnPlate(placeId: string, start: Snapshot): boolean {
  return objectById(start, placeId).spec.shape === "plate";
}

const heightGain = (now: ObjectState, start: ObjectState) => now.positionM[2] - start.positionM[2];

/** Whether anything but the robot (and the ids named) touches the object. */
function touchesOthers(snapshot: Snapshot, id: string, allowed: readonly string[] = []): boolean {
  return snapshot.touches.some(({ a, b }) => {
    const other = a === id ? b : b === id ? a : undefined;
    return other !== undefined && !isRobot(other) && !allowed.includes(other);
  });
}

function isRobot(owner: string): boolean {
  return owner === "hand" || owner.startsWith("finger-");
}

/** Latches "ever grasped the target" and "ever lifted another object more than 2 cm, held by the gripper". */
class ObjectHistory {
  readonly #targetId: string;
  readonly #start: Snapshot;
  grasped = false;
  wrongObject = false;

  constructor(targetId: string, start: Snapshot) {
    this.#targetId = targetId;
    this.#start = start;
  }

  update(snapshot: Snapshot): void {
    this.grasped ||= snapshot.graspedIds.includes(this.#targetId);
    this.wrongObject ||= snapshot.graspedIds.some(
      (id) => id !== this.#targetId && heightGain(objectById(snapshot, id), objectById(this.#start, id)) > 0.02,
    );
  }
}

/** Lifted clear of everything but the robot by 1 cm, or 2 cm up for five env steps; latched. */
function pickJudge(targetId: string, start: Snapshot): Judge {
  const history = new ObjectHistory(targetId, start);
  let nHighSteps = 0;
  let success = false;
  return {
    update(snapshot) {
      history.update(snapshot);
      const gain = heightGain(objectById(snapshot, targetId), objectById(start, targetId));
      if (gain > 0.02) nHighSteps++;
      success ||= (gain > 0.01 && !touchesOthers(snapshot, targetId)) || nHighSteps >= 5;
      return { success, grasped: history.grasped, wrongObject: history.wrongObject };
    },
  };
}

/** The reference's slack between source and target is 10 cm on a table 2.5 times as wide. */
export const NEAR_SLACK_M = 0.04;

/** Moved most of all, close to the target and to nothing else more; nothing fell. Final. */
function moveNearJudge(targetId: string, placeId: string, start: Snapshot): Judge {
  const history = new ObjectHistory(targetId, start);
  const moved = (snapshot: Snapshot, id: string) =>
    distanceXy(objectById(snapshot, id).positionM, objectById(start, id).positionM);
  return {
    update(snapshot) {
      history.update(snapshot);
      const [target, place] = [objectById(snapshot, targetId), objectById(snapshot, placeId)];
      const others = snapshot.objects.filter(({ spec }) => spec.id !== targetId && spec.id !== placeId);
      const movedM = moved(snapshot, targetId);
      const gapM = distanceXy(target.positionM, place.positionM);
      const movedMost = movedM > 0.03 && [place, ...others].every(({ spec }) => moved(snapshot, spec.id) < movedM);
      const near = gapM < halfDiagonalOf(target) + halfDiagonalOf(place) + NEAR_SLACK_M;
      const nearest = others.every(({ positionM }) => gapM < distanceXy(target.positionM, positionM) + 0.01);
      const drop = (object: ObjectState) => -heightGain(object, objectById(start, object.spec.id));
      const upright = others.every((other) => drop(other) < 0.02) && drop(target) < 0.15 && drop(place) < 0.15;
      return {
        success: movedMost && near && nearest && upright,
        grasped: history.grasped,
        wrongObject: history.wrongObject,
      };
    },
  };
}

/** The source lies over the target's box, close above it; `exclusive`: touching nothing but the target and the robot. Final. */
function placeJudge(
  targetId: string,
  placeId: string,
  start: Snapshot,
  { maxGapM, exclusive }: { maxGapM: number; exclusive: boolean },
): Judge {
  const history = new ObjectHistory(targetId, start);
  return {
    update(snapshot) {
      history.update(snapshot);
      const [target, place] = [objectById(snapshot, targetId), objectById(snapshot, placeId)];
      const [top, bottom] = [centreOf(target), centreOf(place)];
      const offsetZ = top[2] - bottom[2];
      const gapZ = offsetZ - halfHeightOf(target) - halfHeightOf(place);
      const over = distanceXy(top, bottom) <= halfDiagonalOf(place) + 0.003;
      const alone = !exclusive || !touchesOthers(snapshot, targetId, [placeId]);
      return {
        success: over && offsetZ > 0 && gapZ <= maxGapM && alone,
        grasped: history.grasped,
        wrongObject: history.wrongObject,
      };
    },
  };
}

/** Another drawer counts as moved beyond this. */
const WRONG_DRAWER_M = 0.03;

/** The drawer's joint has passed the mark. Final. */
function drawerJudge(drawer: DrawerName, start: Snapshot, passed: (openM: number) => boolean): Judge {
  let grasped = false;
  let wrongObject = false;
  return {
    update(snapshot) {
      const fingers = new Set(
        snapshot.touches
          .flatMap(({ a, b }) => (b === `finger-left` || b === `finger-right` ? [[a, b]] : [[b, a]]))
          .filter(([owner]) => owner === `drawer:${drawer}`)
          .map(([, finger]) => finger),
      );
      grasped ||= fingers.has("finger-left") && fingers.has("finger-right");
      const now = snapshot.drawersM!;
      wrongObject ||= (Object.keys(now) as DrawerName[]).some(
        (name) => name !== drawer && Math.abs(now[name] - start.drawersM![name]) > WRONG_DRAWER_M,
      );
      return { success: passed(now[drawer]), grasped, wrongObject };
    },
  };
}

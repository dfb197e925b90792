import type { TouchingPair } from "../physics/simulation.ts";
import type { GeomInfo } from "../scene/mjcf.ts";
import type { Touch } from "./snapshot.ts";

/** The owners that touch, without repeats. */
export function touchesOf(contacts: readonly TouchingPair[], geoms: readonly GeomInfo[]): Touch[] {
  const seen = new Map<string, Touch>();
  for (const { geom1, geom2 } of contacts) {
    const [a, b] = [geoms[geom1]!.owner, geoms[geom2]!.owner].sort() as [string, string];
    if (a !== b) seen.set(`${a}|${b}`, { a, b });
  }
  return [...seen.values()];
}

/**
 * Objects that both fingers press, each within `maxAngleRad` of the direction in which the fingers open (the rule behind
 * SimplerEnv's `is_grasped`).
 *
 * @param openingAxis unit vector from the right finger to the left one, world frame
 */
export function graspedObjects(
  contacts: readonly TouchingPair[],
  geoms: readonly GeomInfo[],
  openingAxis: readonly [number, number, number],
  maxAngleRad: number,
): string[] {
  const minCosine = Math.cos(maxAngleRad);
  const fingersByObject = new Map<string, Set<string>>();
  for (const { geom1, geom2, direction } of contacts) {
    const [owner1, owner2] = [geoms[geom1]!.owner, geoms[geom2]!.owner];
    const finger = owner1.startsWith("finger-") ? owner1 : owner2;
    const object = finger === owner1 ? owner2 : owner1;
    if (!finger.startsWith("finger-") || !object.startsWith("object")) continue;
    // Force on the object: `direction` acts on geom2. The left finger presses towards -opening axis.
    const sign = (finger === owner1 ? 1 : -1) * (finger === "finger-left" ? -1 : 1);
    const cosine = sign * direction.reduce((sum, value, i) => sum + value * openingAxis[i]!, 0);
    if (cosine < minCosine) continue;
    const fingers = fingersByObject.get(object) ?? new Set();
    fingersByObject.set(object, fingers.add(finger));
  }
  return [...fingersByObject].filter(([, fingers]) => fingers.size === 2).map(([object]) => object);
}

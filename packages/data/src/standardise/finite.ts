import { nonFiniteAction, type Place } from "../errors.ts";
import type { StandardisedFrames } from "./recorded.ts";

/** Refuses NaN and infinite actions. @throws PVLA_DATA_NON_FINITE naming the first such frame */
export function requireFinite(
  { action, nFrames, first }: StandardisedFrames,
  where: { episodeIndex: number; place: Place; actionNames: readonly string[] },
): void {
  const at = action.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  const width = action.length / nFrames;
  const bad = new Set<number>();
  action.forEach((value, i) => Number.isFinite(value) || bad.add(Math.floor(i / width)));
  throw nonFiniteAction(where.place, {
    episodeIndex: where.episodeIndex,
    frameIndex: first + Math.floor(at / width),
    dimension: where.actionNames[at % width] ?? String(at % width),
    value: action[at]!,
    nFrames: bad.size,
  });
}

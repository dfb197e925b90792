import {
  geomPoses,
  sceneGeometry,
  targetOwner,
  type EpisodeResult,
  type EpisodeSpec,
  type Frame,
  type TabletopWorld,
} from "@pixelvla/bench";
import type { EpisodeOutcome, RolloutEvent } from "@pixelvla/studio-contract";
import sharp from "sharp";
import { maskToPng } from "../playground/mask-png.ts";

/** The scene before the first env step. */
export function startEvent(world: TabletopWorld, spec: EpisodeSpec): RolloutEvent {
  return {
    kind: "start",
    instruction: spec.instruction,
    targetOwner: targetOwner(spec),
    objectIds: spec.scene.objects.map(({ id }) => id),
    maxSteps: spec.maxSteps,
    geoms: sceneGeometry(world),
    camera: spec.scene.look.camera,
  };
}

/** The world at one moment, as the policy's camera and a 3D view see it. */
export async function stepEvent(
  world: TabletopWorld,
  frame: Frame,
  mask: Uint8Array | undefined,
  intended: readonly (readonly number[])[],
  isPushed: boolean,
): Promise<RolloutEvent> {
  const { stepIndex, hand, graspedIds } = world.snapshot();
  const { image, sizePx } = frame;
  const raw = { width: sizePx, height: sizePx, channels: 3 as const };
  const poses = geomPoses(world);
  return {
    kind: "step",
    stepIndex,
    poses: Buffer.from(poses.buffer, poses.byteOffset, poses.byteLength).toString("base64"),
    handM: hand.positionM,
    opening: hand.opening,
    graspedIds,
    intended,
    picturePng: (await sharp(image, { raw }).png({ compressionLevel: 3 }).toBuffer()).toString("base64"),
    ...(mask === undefined ? {} : { maskPng: await maskToPng({ widthPx: sizePx, heightPx: sizePx, data: mask }) }),
    isPushed,
  };
}

/** Rows of 7 of a flat chunk. */
export function actionRows(flat: Float32Array): number[][] {
  return Array.from({ length: flat.length / 7 }, (_, k) => [...flat.subarray(7 * k, 7 * (k + 1))]);
}

/** A result as the studio shows it. */
export function outcomeOf(result: EpisodeResult): EpisodeOutcome {
  const { embodiment, task, variant, seed, instruction, outcome, success, grasped, nSteps, nQueries, policyMs } =
    result;
  const shown = { embodiment, task, variant, seed, instruction, outcome, success, grasped, nSteps, nQueries, policyMs };
  return { ...shown, ...(result.fault === undefined ? {} : { fault: result.fault.message }) };
}

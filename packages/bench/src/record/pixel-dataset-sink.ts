import {
  encodeCocoRle,
  encodeImage,
  frameAnnotation,
  maskBox,
  PixelDatasetWriter,
  type FrameAnnotation,
  type ImageStorage,
  type PixelLayout,
} from "@pixelvla/data";

import { EMBODIMENTS } from "../embodiments/embodiment.ts";
import type { EmbodimentName } from "../scene/scene-spec.ts";
import { episodeName, episodeSpec } from "../tasks/episode-spec.ts";
import { phraseOf } from "../tasks/instructions.ts";
import type { DemonstrationSink } from "./record-demonstrations.ts";
import type { Demonstration } from "./record-episode.ts";
import { promptOf } from "../masks/prompts.ts";

/** Name of the camera in recorded datasets. */
export const CAMERA_KEY = "image_primary";

const ACTION_NAMES = ["x", "y", "z", "roll", "pitch", "yaw", "gripper"];

/** What the annotation columns say made the masks: training uses them only where a recipe asks for annotations. */
export const EXACT_MASK_MODEL = "tabletop-ray-cast";

/** Layout of the pixel dataset that demonstrations of an embodiment go to. */
export function tabletopLayout(embodiment: EmbodimentName, imageSizePx: number, images: ImageStorage): PixelLayout {
  const { controlHz, stateNames } = EMBODIMENTS[embodiment];
  return {
    name: `tabletop-${embodiment}`,
    robotType: embodiment,
    fps: controlHz,
    cameras: [{ key: CAMERA_KEY, widthPx: imageSizePx, heightPx: imageSizePx }],
    primaryCamera: CAMERA_KEY,
    images,
    stateNames,
    actionNames: ACTION_NAMES,
    rawActionSize: ACTION_NAMES.length,
    standardisation: "generic",
    source: { name: "tabletop", format: "mujoco", version: "1" },
  };
}

/**
 * Writes demonstrations as a pixel dataset (LeRobot v3 with annotation columns): clean actions in `action`, executed ones in
 * `raw.action`, exact masks in the annotation columns.
 *
 * @throws what `PixelDatasetWriter.open` throws
 */
export async function pixelDatasetSink(
  root: string,
  embodiment: EmbodimentName,
  imageSizePx: number,
  images: ImageStorage = "stored",
): Promise<DemonstrationSink> {
  const writer = await PixelDatasetWriter.open(root, tabletopLayout(embodiment, imageSizePx, images));
  return {
    has: (key) => writer.has(episodeName(key)),
    async add(demonstration) {
      await writer.add(pixelEpisode(demonstration, EMBODIMENTS[embodiment].controlHz));
    },
    async close() {
      await writer.close();
    },
    abort: () => writer.abort(),
  };
}

function pixelEpisode(demonstration: Demonstration, fps: number) {
  const { key, instruction, nFrames, imageSizePx, images, action, executedAction, state, opening } = demonstration;
  const nPixels = imageSizePx * imageSizePx;
  const image = (t: number) => ({
    widthPx: imageSizePx,
    heightPx: imageSizePx,
    data: images.subarray(3 * nPixels * t, 3 * nPixels * (t + 1)),
  });
  const gripper = Float32Array.from({ length: nFrames }, (_, t) => executedAction[7 * t + 6]!);
  return {
    key: episodeName(key),
    episode: {
      split: "train",
      task: instruction,
      nFrames,
      nRawFrames: nFrames,
      state,
      action,
      rawAction: executedAction,
      rawFrameIndex: Int32Array.from({ length: nFrames }, (_, t) => t),
      timestampS: Float64Array.from({ length: nFrames }, (_, t) => t / fps),
      rawGripper: gripper,
      rawGripperCommand: gripper,
      rawOpening: opening,
      image: (_camera: string, t: number) => Promise.resolve(image(t)),
      encodedImage: (_camera: string, t: number) => encodeImage(image(t), "png"),
    },
    annotations: annotationsOf(demonstration),
  };
}

function annotationsOf({ key, masks, nFrames, imageSizePx }: Demonstration): FrameAnnotation[] {
  const { goal, scene } = episodeSpec(key);
  const phrase =
    "drawer" in goal ? `${goal.drawer} drawer` : phraseOf(scene.objects.find(({ id }) => id === goal.targetId)!);
  const nPixels = imageSizePx * imageSizePx;
  return Array.from({ length: nFrames }, (_, t) => {
    const mask = masks.subarray(nPixels * t, nPixels * (t + 1));
    const given = { camera: CAMERA_KEY, phrase, score: 1, model: EXACT_MASK_MODEL, modelVersion: "1" };
    const binary = { widthPx: imageSizePx, heightPx: imageSizePx, data: mask };
    const [point, line] = (["point", "line"] as const).map((kind) => promptOf(mask, imageSizePx, kind));
    if (point?.kind !== "point" || line?.kind !== "line") return frameAnnotation(given);
    return frameAnnotation({
      ...given,
      mask: encodeCocoRle(binary),
      points: [{ x: point.xPx, y: point.yPx, isObject: true }],
      lines: [[line.fromPx, line.toPx]],
      box: maskBox(binary),
      maskScore: 1,
    });
  });
}

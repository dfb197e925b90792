import { mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { annotationJobSchema, loadAnnotationRecipe } from "@pixelvla/annotator";
import {
  encodeCocoRle,
  encodeImage,
  frameAnnotation,
  openDataset,
  PixelDatasetWriter,
  sidecarDataset,
  SidecarWriter,
  type BinaryMask,
} from "@pixelvla/data";
import { stringify } from "yaml";
import { makeWorkspace } from "../studio.ts";
import { fileURLToPath } from "node:url";

/** Pixels, frames and episodes of the painted dataset. */
export const [SIDE, FRAMES, EPISODES] = [96, 8, 5];
const BLOCK = 22;
const CAMERA = "observation.images.front";
const recipe = fileURLToPath(new URL("../../../../../recipes/annotate-embedded.yaml", import.meta.url));

/** Mask of the block in a frame: it drifts to the right; `shift` moves the mask off it, as a poor annotator would. */
export function blockMask(episodeIndex: number, t: number, shift = 0): BinaryMask {
  const data = new Uint8Array(SIDE * SIDE);
  const [x0, y0] = [14 + 4 * t, 20 + 8 * episodeIndex + shift];
  for (let y = y0; y < Math.min(SIDE, y0 + BLOCK); y++) data.fill(1, y * SIDE + x0, y * SIDE + x0 + BLOCK);
  return { widthPx: SIDE, heightPx: SIDE, data };
}

function paint(episodeIndex: number, t: number) {
  const data = new Uint8Array(SIDE * SIDE * 3);
  const mask = blockMask(episodeIndex, t).data;
  for (let i = 0; i < SIDE * SIDE; i++) {
    const grain = ((i * 7919) % 13) - 6; // colours of a real picture are never flat
    const [r, g, b] = mask[i] === 1 ? ([196, 40, 36] as const) : ([124, 128, 120] as const);
    data.set([r + grain, g + grain, b + grain], 3 * i);
  }
  return { widthPx: SIDE, heightPx: SIDE, data };
}

const perFrame = (n: number) => new Float32Array(FRAMES * n);

/**
 * A workspace with a pixel dataset of a red block, its exact masks in the dataset's own columns, and a finished annotation job whose masks
 * are the farther off the higher the episode, with a doubt that says so.
 */
export async function paintedWorkspace(): Promise<{ workspace: string; dataset: string; sidecar: string }> {
  const workspace = makeWorkspace();
  const dataset = join(workspace, "datasets", "blocks");
  const writer = await PixelDatasetWriter.open(dataset, {
    name: "blocks",
    robotType: "unknown",
    fps: 5,
    cameras: [{ key: CAMERA, widthPx: SIDE, heightPx: SIDE }],
    primaryCamera: CAMERA,
    images: "stored",
    stateNames: ["gripper"],
    actionNames: ["x", "y", "z", "roll", "pitch", "yaw", "gripper"],
    rawActionSize: 7,
    standardisation: "generic",
    source: { name: "blocks", format: "painted", version: "1" },
  });
  const frames = Array.from({ length: FRAMES }, (_, t) => t);
  const given = { camera: CAMERA, phrase: "red block", model: "painted", modelVersion: "1" };
  for (let e = 0; e < EPISODES; e++)
    await writer.add({
      key: `blocks/${e}`,
      episode: {
        split: "train",
        task: "pick up the red block",
        nFrames: FRAMES,
        nRawFrames: FRAMES,
        state: perFrame(1),
        action: perFrame(7),
        rawAction: perFrame(7),
        rawFrameIndex: Int32Array.from(frames),
        timestampS: Float64Array.from(frames, (t) => t / 5),
        rawGripper: undefined,
        rawGripperCommand: undefined,
        rawOpening: undefined,
        image: (_, t) => Promise.resolve(paint(e, t)),
        encodedImage: (_, t) => encodeImage(paint(e, t), "png"),
      },
      annotations: frames.map((t) => frameAnnotation({ ...given, score: 1, mask: encodeCocoRle(blockMask(e, t)) })),
    });
  await writer.close();

  const job = join(workspace, "runs", "annotate");
  mkdirSync(job, { recursive: true });
  const sidecar = join(job, "annotations");
  const opened = await openDataset(dataset);
  const annotations = await SidecarWriter.open(sidecar, sidecarDataset(opened.info));
  for (let e = 0; e < EPISODES; e++)
    await annotations.add({
      episodeIndex: e,
      split: "train",
      task: "pick up the red block",
      rawFrameIndex: Int32Array.from(frames),
      annotations: frames.map((t) =>
        frameAnnotation({
          ...given,
          score: 0.9 - 0.1 * e,
          mask: encodeCocoRle(blockMask(e, t, 4 * e)),
          origin: t === 0 ? "detected" : "tracked",
        }),
      ),
      run: "annotate-painted",
      doubt: 0.1 + 0.2 * e,
      doubtReason: `the mask lies ${4 * e} pixels off`,
    });
  await annotations.close();
  await opened.close();
  const config = annotationJobSchema.parse({ dataset, recipe: loadAnnotationRecipe(recipe, []) });
  writeFileSync(join(job, "config.yaml"), stringify(config));
  const now = new Date().toISOString();
  const status = {
    version: 1,
    kind: "annotate",
    state: "done",
    pid: process.pid,
    host: hostname(),
    createdAt: now,
    startedAt: now,
    heartbeatAt: now,
    endedAt: now,
    workedS: 1,
    phase: null,
    progress: { done: EPISODES, total: EPISODES, unit: "episodes", ratePerS: 2, etaS: 0 },
    error: null,
  };
  writeFileSync(join(job, "status.json"), JSON.stringify(status));
  return { workspace, dataset, sidecar };
}

import { readFileSync } from "node:fs";
import { decodeImage, encodeImage, layoutFor, PixelDatasetWriter, type EncodedImage } from "@pixelvla/data";

/** An episode made of picture files. */
export interface PictureEpisode {
  readonly key: string;
  readonly task: string;
  readonly frames: readonly string[];
  /** Frame in which the jaws close, by eye; the recordings have no gripper signal. */
  readonly close?: number;
}

/** Writes picture files as a pixel dataset at `root`; their bytes are stored as they are. */
export async function writePictureSet(name: string, episodes: readonly PictureEpisode[], root: string): Promise<void> {
  const first = await picture(episodes[0]!.frames[0]!);
  const { widthPx, heightPx } = await decodeImage(first.bytes);
  const layout = layoutFor(
    {
      name,
      format: "lerobot-v3",
      root,
      fps: 5,
      cameras: [{ key: "image_0", widthPx, heightPx }],
      primaryCamera: "image_0",
      stateNames: [],
      actionNames: [],
      nEpisodes: episodes.length,
      nFrames: undefined,
      splits: ["train"],
      version: "1",
      standardisation: "generic",
      missingFiles: [],
      nEpisodesDeclared: episodes.length,
    },
    { images: "stored", rawActionSize: 7, actionSize: 7, stateSize: 0 },
  );
  const writer = await PixelDatasetWriter.open(root, layout);
  for (const { key, task, frames, close } of episodes) {
    const n = frames.length;
    await writer.add({
      key,
      episode: {
        split: "train",
        task,
        nFrames: n,
        nRawFrames: n,
        state: new Float32Array(0),
        action: new Float32Array(7 * n),
        rawAction: new Float32Array(7 * n),
        rawFrameIndex: Int32Array.from({ length: n }, (_, t) => t),
        timestampS: Float64Array.from({ length: n }, (_, t) => t / 5),
        rawGripper: close === undefined ? undefined : Float32Array.from({ length: n }, (_, t) => (t < close ? 1 : 0)),
        rawGripperCommand: undefined,
        rawOpening: undefined,
        image: async (_, t) => decodeImage((await picture(frames[t]!)).bytes),
        encodedImage: (_, t) => picture(frames[t]!),
      },
    });
  }
  await writer.close();
}

/** A picture's stored bytes; PNGs with alpha are encoded anew without. */
async function picture(path: string): Promise<EncodedImage> {
  const bytes = readFileSync(path);
  if (path.endsWith(".jpg")) return { mime: "image/jpeg", bytes };
  return encodeImage(await decodeImage(bytes), "png");
}

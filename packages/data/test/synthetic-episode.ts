import type { Episode, RgbImage } from "../src/episode.ts";
import { encodeImage } from "../src/images/decode.ts";
import { encodeCocoRle } from "../src/masks/coco-rle.ts";
import { frameAnnotation, type FrameAnnotation } from "../src/pixel-dataset/annotation.ts";
import type { PixelEpisode } from "../src/pixel-dataset/pixel-episode.ts";
import type { PixelLayout } from "../src/pixel-dataset/layout.ts";

/** Layout of the synthetic episodes: one camera of 32 x 24 pixels, 3 states, 7 actions. */
export function syntheticLayout(images: PixelLayout["images"] = "stored", cameras = ["image_0"]): PixelLayout {
  return {
    name: "synthetic",
    robotType: "unknown",
    fps: 5,
    cameras: cameras.map((key) => ({ key, widthPx: 32, heightPx: 24 })),
    primaryCamera: cameras[0],
    images,
    stateNames: ["x", "y", "z"],
    actionNames: ["dx", "dy", "dz", "droll", "dpitch", "dyaw", "gripper"],
    rawActionSize: 4,
    standardisation: "generic",
    source: { name: "synthetic", format: "none", version: "1" },
  };
}

/** A picture whose top-left pixel tells episode and frame: red is the frame, green the seed. */
export function syntheticImage(seed: number, t: number): RgbImage {
  const data = new Uint8Array(24 * 32 * 3);
  for (let i = 0; i < data.length; i += 3) data.set([(t * 20) % 256, (seed * 37) % 256, 128], i);
  return { widthPx: 32, heightPx: 24, data };
}

/** Annotation of frame `t`: a square of side 5 at (t, 3), without mask in every seventh frame. */
export function syntheticAnnotation(seed: number, t: number): FrameAnnotation {
  const data = new Uint8Array(24 * 32);
  for (let y = 3; y < 8; y++) data.fill(1, y * 32 + (t % 20), y * 32 + (t % 20) + 5);
  return frameAnnotation({
    camera: "image_0",
    phrase: `object ${seed % 5}`,
    mask: t % 7 === 6 ? undefined : encodeCocoRle({ heightPx: 24, widthPx: 32, data }),
    box: { x0: t % 20, y0: 3, x1: (t % 20) + 5, y1: 8 },
    points: [{ x: (t % 20) + 2, y: 5, isObject: true }],
    lines: [
      [
        [t % 20, 3],
        [(t % 20) + 4, 7],
      ],
    ],
    score: Math.fround(((seed * 13 + t) % 100) / 100),
    detectorScore: 0.5,
    gripperBox: { x0: 1, y0: 2, x1: 10.5, y1: 12 },
    model: "synthetic",
    modelVersion: "1",
  });
}

/** Episode number `seed`, of 8 to 15 frames. */
export function syntheticEpisode(seed: number, options: { withImages?: boolean } = {}): PixelEpisode {
  const n = 8 + (seed % 8);
  const values = (size: number, scale: number) =>
    Float32Array.from({ length: n * size }, (_, i) => Math.sin(seed + i * scale));
  const episode: PixelEpisode["episode"] = {
    split: seed % 10 === 9 ? "val" : "train",
    task: `move object ${seed % 5}`,
    nFrames: n,
    nRawFrames: n + 2,
    state: values(3, 0.1),
    action: values(7, 0.2),
    rawAction: values(4, 0.3),
    rawFrameIndex: Int32Array.from({ length: n }, (_, t) => t + 1),
    timestampS: Float64Array.from({ length: n }, (_, t) => (t + 1) / 5.000001),
    rawGripper: Float32Array.from({ length: n + 2 }, (_, t) => (t > 4 ? 0 : 1)),
    rawGripperCommand: undefined,
    rawOpening: undefined,
    image: (_camera: string, t: number) => Promise.resolve(syntheticImage(seed, t)),
    encodedImage: async (_camera: string, t: number) =>
      options.withImages === false
        ? { mime: "image/png", bytes: Uint8Array.of(1) }
        : encodeImage(syntheticImage(seed, t), "png"),
  } satisfies Partial<Episode>;
  return {
    key: `synthetic/train/${seed}`,
    episode,
    annotations: Array.from({ length: n }, (_, t) => syntheticAnnotation(seed, t)),
  };
}

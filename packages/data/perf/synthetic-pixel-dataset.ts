import { Random } from "@pixelvla/core";
import {
  encodeCocoRle,
  frameAnnotation,
  PixelDatasetWriter,
  type CompressedRle,
  type PixelLayout,
} from "../src/index.ts";

/**
 * Writes a synthetic pixel dataset without images through the real writer:
 * `node --import tsx --conditions=@pixelvla/source packages/data/perf/synthetic-pixel-dataset.ts FOLDER [EPISODES] [FRAMES]`.
 * Default: 160,000 episodes, 6.5 million frames, about as many as Fractal and Bridge together. Interrupted, it goes on
 * where it stopped.
 */
async function main(): Promise<void> {
  const [root, nEpisodes = "160000", nFrames = "6500000"] = process.argv.slice(2);
  if (root === undefined) throw new Error("usage: synthetic-pixel-dataset.ts FOLDER [EPISODES] [FRAMES]");
  const layout: PixelLayout = {
    name: "synthetic",
    robotType: "unknown",
    fps: 5,
    cameras: [],
    primaryCamera: undefined,
    images: "stored",
    stateNames: ["x", "y", "z", "roll", "pitch", "yaw", "gripper"],
    actionNames: ["dx", "dy", "dz", "droll", "dpitch", "dyaw", "gripper"],
    rawActionSize: 7,
    standardisation: "generic",
    source: { name: "synthetic", format: "none", version: "1" },
  };
  const masks = Array.from({ length: 64 }, (_, i) => blob(i));
  const writer = await PixelDatasetWriter.open(root, layout, { commitEpisodes: 1000 });
  const mean = Number(nFrames) / Number(nEpisodes);
  const begun = Date.now();
  for (let i = 0; i < Number(nEpisodes); i++) {
    const key = `synthetic/train/${i}`;
    if (writer.has(key)) continue;
    const random = new Random(i + 1);
    const n = Math.max(2, Math.round(mean * (0.5 + random.uniform())));
    const values = Float32Array.from({ length: n * 7 }, () => random.uniform() * 2 - 1);
    const score = random.uniform();
    await writer.add({
      key,
      episode: {
        split: i % 20 === 0 ? "val" : "train",
        task: `task ${Math.floor(random.uniform() ** 2 * 600)}`,
        nFrames: n,
        nRawFrames: n,
        state: values,
        action: values,
        rawAction: values,
        rawFrameIndex: Int32Array.from({ length: n }, (_, t) => t),
        timestampS: Float64Array.from({ length: n }, (_, t) => t / 5),
        rawGripper: undefined,
        rawGripperCommand: undefined,
        rawOpening: undefined,
        image: () => Promise.reject(new Error("no images")),
        encodedImage: () => Promise.reject(new Error("no images")),
      },
      annotations: Array.from({ length: n }, (_, t) =>
        frameAnnotation({
          camera: "image_0",
          phrase: `object ${i % 97}`,
          mask: masks[(i + t) % masks.length],
          box: { x0: 10, y0: 20, x1: 40, y1: 60 },
          points: [{ x: 25, y: 40, isObject: true }],
          score: Math.max(0, Math.min(1, score + 0.1 * (random.uniform() - 0.5))),
          model: "synthetic",
          modelVersion: "1",
        }),
      ),
    });
    if (i % 5000 === 4999) {
      const perS = (i + 1) / ((Date.now() - begun) / 1000);
      process.stderr.write(
        `${i + 1} episodes, ${perS.toFixed(0)} episodes/s, ${((Number(nEpisodes) - i) / perS).toFixed(0)} s left, ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB\n`,
      );
    }
  }
  await writer.close();
  process.stdout.write(`${writer.nEpisodes} episodes in ${root}\n`);
}

/** A round mask in a 256 x 320 image. */
function blob(i: number): CompressedRle {
  const data = new Uint8Array(256 * 320);
  const radius = 10 + (i % 20);
  for (let y = -radius; y <= radius; y++)
    for (let x = -radius; x <= radius; x++)
      if (x * x + y * y <= radius * radius) data[(100 + y) * 320 + 60 + i + x] = 1;
  return encodeCocoRle({ heightPx: 256, widthPx: 320, data });
}

await main();

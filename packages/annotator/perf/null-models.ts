import { encodeImage, type Dataset, type Episode, type EpisodeSummary, type RgbImage } from "@pixelvla/data";
import { defineObjectDetector, defineSegmenter, defineTracker } from "@pixelvla/segmenters";
import { z } from "zod";

// Models that do nothing, and a dataset that holds nothing: what is left is the pipeline's own work.

const [WIDTH, HEIGHT, FRAMES, CLOSE] = [32, 24, 8, 4];
const none = () => Promise.resolve();
const options = z.strictObject({});
const identity = { model: "null", modelVersion: "1", dispose: none };
const BOX = { x0: 6, y0: 10, x1: 12, y1: 16 };
const mask = (() => {
  const data = new Uint8Array(WIDTH * HEIGHT);
  for (let y = BOX.y0; y < BOX.y1; y++) data.fill(1, y * WIDTH + BOX.x0, y * WIDTH + BOX.x1);
  return { widthPx: WIDTH, heightPx: HEIGHT, data };
})();

/** Detector, segmenter and tracker that answer the same at once. */
export const nullModels = [
  defineObjectDetector({
    name: "null",
    summary: "Finds the same box always.",
    options,
    open: () =>
      Promise.resolve({
        ...identity,
        openVocabulary: true,
        detect: (_, [label = ""]) => Promise.resolve([{ box: BOX, score: 0.8, label }]),
      }),
  }),
  defineSegmenter({
    name: "null",
    summary: "The same mask always.",
    options,
    open: () =>
      Promise.resolve({
        ...identity,
        encode: ({ widthPx, heightPx }) => Promise.resolve({ widthPx, heightPx }),
        segment: () => Promise.resolve([{ mask, score: 0.9 }]),
      }),
  }),
  defineTracker({
    name: "null",
    summary: "The same mask in every frame.",
    options,
    open: () =>
      Promise.resolve({
        ...identity,
        start: (frames) =>
          Promise.resolve({
            dispose: none,
            prompt: () => Promise.resolve({ objectId: 1, mask, score: 0.9 }),
            async *propagate({ fromFrame, direction }) {
              const step = direction === "forward" ? 1 : -1;
              for (let frameIndex = fromFrame; frameIndex >= 0 && frameIndex < frames.nFrames; frameIndex += step)
                yield await Promise.resolve({ frameIndex, objects: [{ objectId: 1, mask, score: 0.9 }] });
            },
          }),
      }),
  }),
];

const TASKS = ["pick up the red block", "put the carrot on the plate", "move the cup to the left", "close the drawer"];

/** Episodes made up when asked for; every seventh never closes, every thirtieth has no instruction. */
export function syntheticDataset(nEpisodes: number): Dataset {
  const image: RgbImage = { widthPx: WIDTH, heightPx: HEIGHT, data: new Uint8Array(WIDTH * HEIGHT * 3).fill(120) };
  let encoded: Awaited<ReturnType<typeof encodeImage>> | undefined;
  const load = (episodeIndex: number): Promise<Episode> =>
    Promise.resolve({
      episodeIndex,
      split: "train",
      task: episodeIndex % 30 === 29 ? "" : TASKS[episodeIndex % 3]!,
      source: { file: "synthetic" },
      nFrames: FRAMES,
      nRawFrames: FRAMES,
      state: new Float32Array(7 * FRAMES),
      action: new Float32Array(7 * FRAMES),
      rawAction: new Float32Array(7 * FRAMES),
      rawFrameIndex: Int32Array.from({ length: FRAMES }, (_, t) => t),
      timestampS: Float64Array.from({ length: FRAMES }, (_, t) => t / 5),
      rawGripper: Float32Array.from({ length: FRAMES }, (_, t) => (episodeIndex % 7 !== 0 && t >= CLOSE ? 0 : 1)),
      rawGripperCommand: undefined,
      rawOpening: undefined,
      image: () => Promise.resolve(image),
      encodedImage: async () => (encoded ??= await encodeImage(image, "png")),
    });
  return {
    info: {
      name: "synthetic",
      format: "rlds",
      root: "synthetic",
      fps: 5,
      cameras: [{ key: "front", widthPx: WIDTH, heightPx: HEIGHT }],
      primaryCamera: "front",
      stateNames: [],
      actionNames: [],
      nEpisodes,
      nFrames: nEpisodes * FRAMES,
      splits: ["train"],
      version: "1.0.0",
      standardisation: "generic",
      missingFiles: [],
      nEpisodesDeclared: nEpisodes,
    },
    episodeIndices: Int32Array.from({ length: nEpisodes }, (_, i) => i),
    damage: [],
    async *summaries(): AsyncGenerator<EpisodeSummary> {
      for (let i = 0; i < nEpisodes; i++) yield await load(i);
    },
    episode: load,
    tryEpisode: load,
    close: none,
  };
}

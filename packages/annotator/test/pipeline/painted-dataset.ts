import {
  encodeImage,
  type Damage,
  type Dataset,
  type Episode,
  type EpisodeSummary,
  type RgbImage,
} from "@pixelvla/data";
import { pixelVlaError } from "@pixelvla/core";

/** What is special about an episode of the painted dataset. */
export type Variant =
  | "plain"
  | "never-closes"
  | "no-signal"
  | "one-frame"
  | "no-instruction"
  | "out-of-view"
  | "occluded"
  /** The gripper lies over the block for three frames. */
  | "covered"
  | "damaged"
  | "speck";

export const [WIDTH, HEIGHT, FRAMES, CLOSE] = [96, 72, 12, 6];
export const RED = [200, 30, 30] as const;
export const GREEN = [30, 190, 40] as const;
const SIZE = 12;
const GRIPPER_SIZE = 10;

/** Where object and gripper are in a frame: the gripper comes down on the object, closes at `CLOSE` and lifts it. */
export function placesAt(seed: number, t: number) {
  const objectX = 24 + ((seed * 17) % 48);
  const lift = t > CLOSE ? 3 * (t - CLOSE) : 0;
  const objectY = 46 - lift;
  const gripperY = t <= CLOSE ? 4 + Math.round(((objectY - GRIPPER_SIZE - 4) * t) / CLOSE) : objectY - GRIPPER_SIZE;
  return { object: { x: objectX, y: objectY }, gripper: { x: objectX + 1, y: gripperY } };
}

/** Frame `t`: grey ground, red block, green gripper. Recorded frames are one ahead, as the first is dropped. */
export function paint(seed: number, t: number, variant: Variant): RgbImage {
  const data = new Uint8Array(WIDTH * HEIGHT * 3).fill(120);
  const fill = ({ x, y }: { x: number; y: number }, size: number, colour: readonly number[]) => {
    for (let dy = 0; dy < size; dy++)
      for (let dx = 0; dx < size; dx++)
        if (x + dx < WIDTH && y + dy < HEIGHT) data.set(colour, ((y + dy) * WIDTH + x + dx) * 3);
  };
  const { object, gripper } = placesAt(seed, t);
  const isHidden = variant === "out-of-view" || (variant === "occluded" && t >= 8 && t < 11);
  if (!isHidden) fill(object, variant === "speck" ? 1 : SIZE, RED);
  if (variant === "covered" && t >= 8 && t < 11) fill(object, SIZE, GREEN);
  fill(gripper, GRIPPER_SIZE, GREEN);
  return { widthPx: WIDTH, heightPx: HEIGHT, data };
}

/** A dataset in memory whose pictures are painted when asked for; any number of episodes in no memory. */
export function paintedDataset(
  nEpisodes: number,
  variantOf: (episodeIndex: number) => Variant = () => "plain",
): Dataset & { nLoads: () => number } {
  const damage: Damage[] = [];
  let nLoads = 0;
  const episode = (episodeIndex: number): Episode => {
    const variant = variantOf(episodeIndex);
    const n = variant === "one-frame" ? 1 : FRAMES;
    const gripper = Float32Array.from({ length: n + 1 }, (_, raw) =>
      variant !== "never-closes" && variant !== "one-frame" && raw - 1 >= CLOSE ? 0 : 1,
    );
    return {
      episodeIndex,
      split: "train",
      task: variant === "no-instruction" ? "" : "pick up the red block",
      source: { file: "painted" },
      nFrames: n,
      nRawFrames: n + 1,
      state: new Float32Array(0),
      action: new Float32Array(7 * n),
      rawAction: new Float32Array(7 * n),
      rawFrameIndex: Int32Array.from({ length: n }, (_, t) => t + 1),
      timestampS: Float64Array.from({ length: n }, (_, t) => t / 5),
      rawGripper: variant === "no-signal" ? undefined : gripper,
      rawGripperCommand: undefined,
      rawOpening: undefined,
      image: (_, t) => Promise.resolve(paint(episodeIndex, t, variant)),
      encodedImage: (_, t) => encodeImage(paint(episodeIndex, t, variant), "png"),
    };
  };
  const load = (episodeIndex: number): Promise<Episode> => {
    nLoads++;
    if (variantOf(episodeIndex) === "damaged") {
      const error = pixelVlaError("PVLA_DATA_CHECKSUM", { doing: "Reading painted", found: "a bad checksum" });
      damage.push({ file: "painted", offset: 0, episodeIndex, code: error.code, message: error.message });
      return Promise.reject(error);
    }
    return Promise.resolve(episode(episodeIndex));
  };
  return {
    info: {
      name: "painted",
      format: "rlds",
      root: "/painted",
      fps: 5,
      cameras: [{ key: "front", widthPx: WIDTH, heightPx: HEIGHT }],
      primaryCamera: "front",
      stateNames: [],
      actionNames: [],
      nEpisodes,
      nFrames: undefined,
      splits: ["train"],
      version: "1.0.0",
      standardisation: "generic",
      missingFiles: [],
      nEpisodesDeclared: nEpisodes,
    },
    episodeIndices: Int32Array.from({ length: nEpisodes }, (_, i) => i),
    damage,
    nLoads: () => nLoads,
    async *summaries(): AsyncGenerator<EpisodeSummary> {
      for (let i = 0; i < nEpisodes; i++) {
        const { episodeIndex, split, nFrames, task, source } = await load(i);
        yield { episodeIndex, split, nFrames, task, source };
      }
    },
    episode: load,
    tryEpisode: (episodeIndex) => load(episodeIndex).catch(() => undefined),
    close: () => Promise.resolve(),
  };
}

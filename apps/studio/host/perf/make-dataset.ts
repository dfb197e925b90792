// Makes a synthetic RLDS dataset of many short episodes: node --conditions=@pixelvla/source --import tsx perf/make-dataset.ts FOLDER [EPISODES]
import { createWriteStream, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { Random } from "@pixelvla/core";
import type { BinaryMask } from "@pixelvla/data";
import sharp from "sharp";
import { exampleRecord } from "./tfrecord-writer.ts";

const SIZE_PX = 128;
const EPISODES_A_SHARD = 1000;
/** Different pictures: frame `t` of episode `e` shows picture `(31 e + t) % PICTURES`. */
export const PICTURES = 512;
const VERBS = ["pick up", "put", "move", "push", "open", "close", "stack", "turn"];
const OBJECTS = [
  "red cup",
  "blue block",
  "green bowl",
  "spoon",
  "carrot",
  "drawer",
  "towel",
  "pot lid",
  "can",
  "sponge",
  "banana",
  "eggplant",
];
const PLACES = [
  "on the plate",
  "in the sink",
  "near the pan",
  "to the left",
  "on the stove",
  "in the basket",
  "behind the can",
  "beside the knife",
];

/**
 * Writes `nEpisodes` episodes of 8 to 24 frames of 128 x 128 px JPEG pictures and 7 states and actions, in shards of 1,000, in
 * BridgeData's layout. The same arguments give the same bytes. A folder that was finished before is left as it is.
 *
 * @returns the folder with `dataset_info.json`
 */
export async function makeDataset(folder: string, nEpisodes: number): Promise<string> {
  const root = join(folder, "bridge_dataset", "1.0.0");
  if (existsSync(join(root, "dataset_info.json"))) return root;
  mkdirSync(root, { recursive: true });
  const random = new Random(7);
  const pictures = await Promise.all(Array.from({ length: PICTURES }, (_, i) => picture(i)));
  const nShards = Math.ceil(nEpisodes / EPISODES_A_SHARD);
  const shardLengths = Array.from({ length: nShards }, (_, i) =>
    Math.min(EPISODES_A_SHARD, nEpisodes - i * EPISODES_A_SHARD),
  );
  for (const [shard, length] of shardLengths.entries()) {
    const number = (n: number) => String(n).padStart(5, "0");
    const file = createWriteStream(join(root, `bridge_dataset-train.tfrecord-${number(shard)}-of-${number(nShards)}`));
    for (let i = 0; i < length; i++)
      if (!file.write(episode(shard * EPISODES_A_SHARD + i, random, pictures)))
        await new Promise<void>((drained) => file.once("drain", drained));
    file.end();
    await finished(file);
  }
  writeFileSync(join(root, "features.json"), JSON.stringify(FEATURES));
  const split = {
    name: "train",
    filepathTemplate: "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}",
    numBytes: "0",
    shardLengths: shardLengths.map(String),
  };
  writeFileSync(
    join(root, "dataset_info.json"),
    JSON.stringify({ name: "bridge_dataset", version: "1.0.0", fileFormat: "tfrecord", splits: [split] }),
  );
  return root;
}

const dict = (features: object) => ({ featuresDict: { features } });
const numbers = { tensor: { shape: { dimensions: ["7"] }, dtype: "float32", encoding: "none" } };
const image = {
  image: { shape: { dimensions: [String(SIZE_PX), String(SIZE_PX), "3"] }, dtype: "uint8", encodingFormat: "jpeg" },
};
const FEATURES = dict({
  steps: {
    sequence: {
      feature: dict({
        action: numbers,
        language_instruction: { text: {} },
        observation: dict({ state: numbers, image_0: image }),
      }),
      length: "-1",
    },
  },
});

function episode(index: number, random: Random, pictures: readonly Buffer[]): Buffer {
  const pick = <T>(list: readonly T[]): T =>
    list[Math.min(list.length - 1, Math.floor(random.uniform() * list.length))]!;
  const nFrames = 8 + Math.floor(random.uniform() * 17);
  const task = Buffer.from(index % 97 === 0 ? "" : `${pick(VERBS)} the ${pick(OBJECTS)} ${pick(PLACES)}`);
  const state = new Float32Array(nFrames * 7);
  const action = new Float32Array(nFrames * 7);
  const close = Math.floor(nFrames / 2);
  for (let t = 0; t < nFrames; t++)
    for (let d = 0; d < 7; d++) {
      const step = d === 6 ? 0 : (random.uniform() - 0.5) * 0.02;
      action[t * 7 + d] = d === 6 ? Number(t < close) : step;
      state[t * 7 + d] = d === 6 ? Number(t < close) : (t === 0 ? 0.3 : state[(t - 1) * 7 + d]!) + step;
    }
  return exampleRecord({
    "steps/action": { floats: action },
    "steps/observation/state": { floats: state },
    "steps/observation/image_0": {
      bytes: Array.from({ length: nFrames }, (_, t) => pictures[(index * 31 + t) % PICTURES]!),
    },
    "steps/language_instruction": { bytes: Array.from({ length: nFrames }, () => task) },
  });
}

const RADIUS_PX = 14;

/** Where the disc of a picture lies, px. */
export const discOf = (index: number) => ({ x: 16 + ((index * 37) % 96), y: 16 + ((index * 61) % 96) });

/** Exact mask of the disc of a picture. */
export function pictureDisc(index: number): BinaryMask {
  const data = new Uint8Array(SIZE_PX * SIZE_PX);
  const { x, y } = discOf(index);
  for (let row = 0; row < SIZE_PX; row++)
    for (let column = 0; column < SIZE_PX; column++)
      data[row * SIZE_PX + column] = Number(Math.hypot(column + 0.5 - x, row + 0.5 - y) <= RADIUS_PX);
  return { widthPx: SIZE_PX, heightPx: SIZE_PX, data };
}

/** A coloured disc on a table; the colour and place say which of the pictures it is. */
function picture(index: number): Promise<Buffer> {
  const { x, y } = discOf(index);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${SIZE_PX}" height="${SIZE_PX}"><rect width="128" height="128" fill="#6b5a45"/><rect y="80" width="128" height="48" fill="#857258"/><circle cx="${x}" cy="${y}" r="${RADIUS_PX}" fill="hsl(${(index * 47) % 360},70%,50%)"/><text x="4" y="124" font-size="12" fill="white">${index}</text></svg>`;
  return sharp(Buffer.from(svg)).jpeg({ quality: 70 }).toBuffer();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, nEpisodes = "100000"] = process.argv.slice(2);
  if (folder === undefined) throw new Error("Usage: make-dataset.ts FOLDER [EPISODES]");
  console.log(await makeDataset(folder, Number(nEpisodes)));
}

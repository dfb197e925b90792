import { openDataset } from "../src/index.ts";
import { repositoryPath, readFrames } from "./read-frames.ts";

interface Params {
  dataset: string;
  cameras: readonly string[];
}

/** `npm run perf -- read`: every record and every image of the Bridge debug set, against tf.data. */
export const perf = {
  name: "read",
  title: "Reading RLDS: Bridge debug set, 500 frames of four 64 x 64 JPEGs, checksums verified, all images decoded",
  order: 20,
  cases: [
    {
      name: "bridge",
      params: {
        dataset: "../shared/data/octo-bridge-debug/bridge_dataset/1.0.0",
        cameras: ["image_0", "image_1", "image_2", "image_3"],
      },
    },
  ],
  // Like for like first: the transform whose pixels ours gives. The second is what tf.data does unasked: faster and inexact.
  peers: [
    { name: "tf.data", python: "perf_read_tf.py", venv: ".venv-tf", params: { dct: "INTEGER_ACCURATE" } },
    { name: "tf.data, fast DCT", python: "perf_read_tf.py", venv: ".venv-tf", params: { dct: "" } },
  ],
  goals: [
    { peer: "tf.data", ratio: 1 / 1.5 },
    { peer: "tf.data, fast DCT", ratio: 1 / 1.5 },
  ],
  async ours({ dataset, cameras }: Params) {
    // As recorded: tf.data drops no frames either.
    const reader = await openDataset(repositoryPath(dataset), { standardisation: "generic" });
    let frames = 0;
    const run = async () => {
      frames = await readFrames(reader, reader.episodeIndices, cameras);
    };
    await run();
    return { run, work: { amount: frames, unit: "frame" }, facts: () => ({ frames }), close: () => reader.close() };
  },
};

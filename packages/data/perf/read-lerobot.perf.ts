import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { openDataset } from "../src/index.ts";
import { readFrames, repositoryPath } from "./read-frames.ts";

interface Params {
  dataset: string;
  episodes: number;
  episodesPerRun: number;
}

/** `npm run perf -- read-lerobot`: whole episodes of a 200-episode v3 dataset with video, in order, against lerobot. */
export const perf = {
  name: "read-lerobot",
  title: "Reading LeRobot v3: 200 episodes of 128 x 128 AV1 video, whole episodes in order, ten a run",
  order: 21,
  cases: [
    { name: "video", params: { dataset: "tools/peers/.cache/lerobot-v3-200", episodes: 200, episodesPerRun: 10 } },
  ],
  peers: [{ name: "lerobot", python: "perf_read_lerobot.py", venv: ".venv-lerobot" }],
  goals: [{ peer: "lerobot", ratio: 1 / 1.5 }],
  rounds: 5,
  warmup: 1,
  async ours({ dataset, episodes, episodesPerRun }: Params) {
    const folder = repositoryPath(dataset);
    if (!existsSync(`${folder}/meta/info.json`)) makeDataset(folder, episodes);
    const reader = await openDataset(folder);
    const camera = reader.info.primaryCamera!;
    let first = 0;
    return {
      async run() {
        await readFrames(reader, reader.episodeIndices.subarray(first, first + episodesPerRun), [camera]);
        first = (first + episodesPerRun) % reader.episodeIndices.length;
      },
      work: { amount: (reader.info.nFrames! / reader.episodeIndices.length) * episodesPerRun, unit: "frame" },
      facts: { episodes: reader.episodeIndices.length, frames: reader.info.nFrames },
      close: () => reader.close(),
    };
  },
};

/** Lets lerobot itself write the dataset, once. */
function makeDataset(folder: string, episodes: number): void {
  const peers = repositoryPath("tools/peers");
  const args = ["write_lerobot_v3.py", folder, "--episodes", String(episodes), "--frames", "40", "--size", "128"];
  execFileSync(`${peers}/.venv-lerobot/bin/python`, args, { cwd: peers, stdio: ["ignore", "ignore", "inherit"] });
}

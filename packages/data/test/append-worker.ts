import { PixelDatasetWriter } from "../src/pixel-dataset/pixel-dataset-writer.ts";
import { syntheticEpisode, syntheticLayout } from "./synthetic-episode.ts";

/** Child process of the tests: appends episodes `from` to `to` and prints the keys each commit made durable. */
async function main(): Promise<void> {
  const [root = "", from = "0", to = "0", commitEpisodes = "3"] = process.argv.slice(2);
  const writer = await PixelDatasetWriter.open(root, syntheticLayout(), { commitEpisodes: 1_000_000 });
  let waiting: string[] = [];
  const commit = async () => {
    const { duplicates } = await writer.commit();
    process.stdout.write(
      waiting
        .filter((key) => !duplicates.includes(key))
        .map((key) => `${key}\n`)
        .join(""),
    );
    waiting = [];
  };
  for (let seed = Number(from); seed < Number(to); seed++) {
    const episode = syntheticEpisode(seed, { withImages: false });
    if (await writer.add(episode)) waiting.push(episode.key);
    if (waiting.length >= Number(commitEpisodes)) await commit();
  }
  await commit();
}

await main();

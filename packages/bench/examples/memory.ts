/**
 * Looks for memory growth: plays expert episodes with rendering and prints the WebAssembly heap and the process's size every 100.
 * `node --expose-gc --conditions=@pixelvla/source --import tsx packages/bench/examples/memory.ts 10000`
 */
import { mujoco } from "../src/physics/simulation.ts";
import { DEFAULT_NOISE } from "../src/record/noisy-expert.ts";
import { recordEpisode } from "../src/record/record-episode.ts";

const nEpisodes = Number(process.argv[2] ?? 1000);
const mj = await mujoco();
const heapProbe = () => {
  const buffer = new mj.DoubleBuffer(1);
  const bytes = (buffer.GetView() as Float64Array).buffer.byteLength;
  buffer.delete();
  return bytes;
};
const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(1);

for (let i = 0; i < nEpisodes; i++) {
  await recordEpisode(
    { embodiment: i % 2 === 0 ? "widowx" : "google-robot", task: "pick", variant: "base", seed: 100_000 + i },
    { imageSizePx: 32, noise: DEFAULT_NOISE },
  );
  if ((i + 1) % 100 !== 0) continue;
  globalThis.gc?.();
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  process.stdout.write(
    `${i + 1} episodes  wasm ${mib(heapProbe())} MiB  rss ${mib(rss)} MiB  js heap ${mib(heapUsed)} MiB  buffers ${mib(arrayBuffers)} MiB\n`,
  );
}

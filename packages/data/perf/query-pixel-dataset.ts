import { AnnotationReader, EpisodeIndex } from "../src/index.ts";

/**
 * Times the queries of a pixel dataset, as the studio makes them, and prints a line each:
 * `node --import tsx --conditions=@pixelvla/source packages/data/perf/query-pixel-dataset.ts FOLDER`.
 */
async function main(): Promise<void> {
  const root = process.argv[2];
  if (root === undefined) throw new Error("usage: query-pixel-dataset.ts FOLDER");
  const time = async <T>(name: string, work: () => Promise<T>, rounds = 5): Promise<T> => {
    const times: number[] = [];
    const cpu = process.cpuUsage();
    let result!: T;
    for (let i = 0; i < rounds; i++) {
      const begun = performance.now();
      result = await work();
      times.push(performance.now() - begun);
    }
    times.sort((a, b) => a - b);
    const { user, system } = process.cpuUsage(cpu);
    const shown = (ms: number) => ms.toFixed(0).padStart(5);
    process.stdout.write(
      `${name.padEnd(48)} median ${shown(times[Math.floor(rounds / 2)]!)} ms   max ${shown(times.at(-1)!)} ms   CPU ${shown((user + system) / 1000 / rounds)} ms\n`,
    );
    return result;
  };
  const memory = (what: string) =>
    process.stdout.write(`${what.padEnd(52)} ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB resident\n`);

  const index = await time("open the episode index", () => EpisodeIndex.open(root), 1);
  const { total, rows } = await index.episodes({ pageSize: 1 });
  memory(`${total} episodes indexed`);
  await time("refresh, nothing new", () => index.refresh());
  await time("statistics of the index", () => index.statistics());
  await time("review queue, first page of 100 by doubt", () => index.episodes({ sort: "doubt" }));
  await time("review queue, page 1,000 of 100 by doubt", () => index.episodes({ sort: "doubt", page: 1000 }));
  await time("review queue, one task, pending only", () =>
    index.episodes({ sort: "doubt", task: rows[0]!.task, decisions: ["pending"] }),
  );
  await time("search in tasks and phrases", () => index.episodes({ search: "object 4", page: 10 }));
  const frames = await time("annotation statistics over all frames", () => index.frameStatistics());
  process.stdout.write(
    `${frames.nFrames} frames, ${frames.nWithMask} with mask, mean score ${frames.meanScore.toFixed(3)}, mean area ${frames.meanAreaPx.toFixed(0)} px\n`,
  );
  await time("decide and undo", async () => {
    await index.decide(0, "accepted", "perf");
    await index.undo(0, "perf");
  });
  memory("after all queries");
  await index.close();

  const reader = await AnnotationReader.open(root);
  let nFrames = 0;
  const begun = performance.now();
  let most = 0;
  for (let i = 0; i < 2000; i++) {
    const stored = await reader.episode(Math.floor((i * total) / 2000));
    nFrames += stored?.annotations.length ?? 0;
    most = Math.max(most, process.memoryUsage().rss);
  }
  const seconds = (performance.now() - begun) / 1000;
  process.stdout.write(
    `2000 episodes' annotations at random: ${(2000 / seconds).toFixed(0)} episodes/s, ${(nFrames / seconds).toFixed(0)} frames/s, at most ${(most / 2 ** 20).toFixed(0)} MiB\n`,
  );
  await reader.close();
}

await main();

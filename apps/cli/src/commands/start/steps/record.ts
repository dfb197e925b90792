import { DEFAULT_NOISE, pixelDatasetSink, recordDemonstrations } from "@pixelvla/bench/recording";
import type { TaskName } from "@pixelvla/bench";
import { EMBODIMENT, IMAGE_PX } from "../plan.ts";
import type { MainStep } from "../step.ts";

/** Records demonstrations of the scripted expert; layouts are those of training seeds, which no evaluation shows. */
export const recordStep: MainStep = {
  name: "record",
  title: "record demonstrations",
  plannedS: ({ tasks, episodes, duplicates, workers }) => ((tasks.length * episodes + duplicates) * 0.35) / workers + 3,
  artefact: ({ dataset }) => dataset,
  async run({ plan, paths, signal, progress }) {
    const { tasks, episodes, duplicates, workers } = plan;
    const total = tasks.length * episodes + duplicates;
    const record = async (some: readonly TaskName[], variant: string, nEpisodes: number, before: number) => {
      const report = await recordDemonstrations(
        {
          embodiment: EMBODIMENT,
          tasks: some,
          variants: [variant],
          nEpisodes,
          imageSizePx: IMAGE_PX,
          noise: DEFAULT_NOISE,
          threads: workers,
          signal,
          onPlayed: (_, done) => progress({ done: before + done, total, unit: "episodes" }),
        },
        await pixelDatasetSink(paths.dataset, EMBODIMENT, IMAGE_PX, "stored"),
      );
      return report.nRecorded + report.nSkipped;
    };
    const nBase = await record(tasks, "base", episodes, 0);
    const nDuplicates = duplicates === 0 ? 0 : await record(["pick"], "duplicate", duplicates, total - duplicates);
    const picks = nDuplicates === 0 ? "" : ` and ${nDuplicates} picks of one of two that look alike`;
    return [`${nBase} demonstrations of ${tasks.join(", ")}${picks} in ${paths.dataset}`];
  },
};

import { DEFAULT_NOISE, pixelDatasetSink, recordDemonstrations } from "@pixelvla/bench/recording";
import { EMBODIMENT, IMAGE_PX } from "../plan.ts";
import type { MainStep } from "../step.ts";

/** Records demonstrations of the scripted expert; layouts are those of training seeds, which no evaluation shows. */
export const recordStep: MainStep = {
  name: "record",
  title: "record demonstrations",
  plannedS: ({ tasks, episodes, workers }) => (tasks.length * episodes * 0.35) / workers + 3,
  artefact: ({ dataset }) => dataset,
  async run({ plan, paths, signal, progress }) {
    const { tasks, episodes, workers } = plan;
    const report = await recordDemonstrations(
      {
        embodiment: EMBODIMENT,
        tasks,
        variants: ["base"],
        nEpisodes: episodes,
        imageSizePx: IMAGE_PX,
        noise: DEFAULT_NOISE,
        threads: workers,
        signal,
        onPlayed: (_, done, total) => progress({ done, total, unit: "episodes" }),
      },
      await pixelDatasetSink(paths.dataset, EMBODIMENT, IMAGE_PX, "stored"),
    );
    const nRecorded = report.nRecorded + report.nSkipped;
    return [`${nRecorded} demonstrations of ${tasks.join(", ")} in ${paths.dataset}`];
  },
};

export { DEFAULT_NOISE, NO_NOISE, noisyExpert, type NoiseOptions, type NoisyExpert } from "./noisy-expert.ts";
export { CAMERA_KEY, EXACT_MASK_MODEL, pixelDatasetSink, tabletopLayout } from "./pixel-dataset-sink.ts";
export {
  plannedEpisodes,
  recordDemonstrations,
  type DemonstrationSink,
  type RecordPlan,
  type RecordReport,
} from "./record-demonstrations.ts";
export { recordEpisode, type Demonstration, type RecordOptions } from "./record-episode.ts";
export { replayDemonstrations, type ReplayOptions, type ReplayReport } from "./replay-demonstrations.ts";

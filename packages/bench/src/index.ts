export { EMBODIMENTS, type Embodiment } from "./embodiments/embodiment.ts";
export { TabletopWorld, type StepReport } from "./env/tabletop-world.ts";
export type { HandState, ObjectState, Snapshot } from "./env/snapshot.ts";
export { expertAction, type ExpertView } from "./expert/expert.ts";
export {
  colourMasker,
  MASK_SOURCES,
  MASK_TIMES,
  maskFrom,
  targetOwner,
  type AutomaticMasker,
  type MaskSource,
  type MaskTime,
} from "./masks/mask-source.ts";
export { PROMPT_KINDS, promptOf, type PromptKind } from "./masks/prompts.ts";
export { expertPolicy, nullPolicy, randomPolicy } from "./policies/builtin.ts";
export { BUILTIN_POLICIES, loadPolicy, type PolicySpec } from "./policies/load-policy.ts";
export {
  ACTION_WIDTH,
  type ActionChunk,
  type EpisodeContext,
  type Observation,
  type Policy,
  type VisualPrompt,
} from "./policies/policy.ts";
export { cameraAxes, project } from "./render/camera.ts";
export { maskOf, Renderer, type Frame } from "./render/renderer.ts";
export { summarise, summaryCsv, summaryTable, type SummaryRow } from "./report/summary.ts";
export { detectableDifference, wilson, type Interval } from "./report/wilson.ts";
export { actionsOf, parseLog, readLogs, replayEpisode, type EpisodeLog } from "./rollout/episode-log.ts";
export { OUTCOMES, type EpisodeResult, type Fault, type Outcome } from "./rollout/outcome.ts";
export {
  ROLLOUT_DEFAULTS,
  runEpisode,
  type PlayedEpisode,
  type RolloutOptions,
  type StepView,
} from "./rollout/run-episode.ts";
export { runRollouts, type RolloutPlan } from "./rollout/run-rollouts.ts";
export {
  COLOURS,
  pairsOf,
  RECEPTACLES,
  SHAPES,
  UNSEEN_COLOURS,
  UNSEEN_PAIRS,
  UNSEEN_SHAPES,
  type Novelty,
} from "./scene/catalogue.ts";
export { DRAWERS, type EmbodimentName, type ObjectSpec, type SceneSpec } from "./scene/scene-spec.ts";
export {
  episodeName,
  episodeSpec,
  TRAINING_SEEDS_FROM,
  type EpisodeKey,
  type EpisodeSpec,
} from "./tasks/episode-spec.ts";
export { wordings } from "./tasks/instructions.ts";
export { judgeOf } from "./tasks/judges.ts";
export { TASK_INFO, TASKS, type Goal, type TaskInfo, type TaskName } from "./tasks/task.ts";
export { suits, VARIANTS, variantNamed, type Variant } from "./tasks/variants.ts";
export { contactSheet, type Tile } from "./media/contact-sheet.ts";
export { encodeFilm, filmEpisode, type Film } from "./media/film.ts";
export { plannedGrid, type Grid } from "./tasks/grid.ts";
export { geomPoses, sceneGeometry, type StreamedGeom } from "./render/scene-stream.ts";

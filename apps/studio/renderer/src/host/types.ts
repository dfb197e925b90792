import type { inferRouterOutputs } from "@trpc/server";
import type { StudioRouter } from "@pixelvla/studio-contract";

/**
 * What the host answers, as it arrives. The contract's types say `undefined` where a fact is missing; JSON leaves such a field out, so
 * here it is optional.
 */
type Answers = inferRouterOutputs<StudioRouter>;
type Yielded<T> = T extends AsyncIterable<infer Item> ? Item : never;

export type DatasetListItem = Answers["datasets"]["list"][number];
export type DatasetDetail = Answers["datasets"]["get"];
export type CameraDetail = DatasetDetail["cameras"][number];
export type EpisodePage = Answers["datasets"]["episodes"];
export type EpisodeRow = EpisodePage["rows"][number];
export type EpisodeFacets = Answers["datasets"]["facets"];
export type EpisodeDetail = Answers["datasets"]["episode"];
export type EpisodeAnnotation = NonNullable<Answers["datasets"]["annotation"]>;
export type FrameAnnotation = EpisodeAnnotation["frames"][number];
export type StatisticsEvent = Yielded<Answers["datasets"]["statistics"]>;
export type DatasetStatistics = Extract<StatisticsEvent, { kind: "result" }>["statistics"];
export type DimensionStatistics = DatasetStatistics["actions"][number];
export type Outlier = DatasetStatistics["outliers"][number];
export type RunRow = Answers["runs"]["list"]["rows"][number];
export type RunDetail = Answers["runs"]["get"];
export type RunCheckpoint = RunDetail["checkpoints"][number];
export type Curve = Answers["runs"]["curves"][number];
export type BandChart = Answers["runs"]["bands"];
export type RecipeItem = Answers["runs"]["recipes"][number];
export type DoctorCheck = Answers["runs"]["doctor"][number];
export type LiveEvent = Yielded<Answers["runs"]["live"]>;
export type RunsChanged = Yielded<Answers["runs"]["changes"]>;
export type ConfigDifference = Answers["runs"]["diff"][number];
export type LoadSample = Yielded<Answers["system"]["load"]>;
export type HostInfo = Answers["system"]["info"];
export type {
  AnnotationState,
  EpisodeFilter,
  EpisodeQuery,
  FacetCount,
  Histogram,
  Problem,
  RunCommand,
  RunKind,
  RunState,
} from "@pixelvla/studio-contract";

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
export type BandChart = Answers["runs"]["bands"][number];
export type RecipeItem = Answers["runs"]["recipes"][number];
export type DoctorEvent = Yielded<Answers["runs"]["doctor"]>;
export type DoctorCheck = DoctorEvent["checks"][number];
export type LiveEvent = Yielded<Answers["runs"]["live"]>;
export type RunsChanged = Yielded<Answers["runs"]["changes"]>;
export type ConfigDifference = Answers["runs"]["diff"][number];
export type StoreItem = Answers["annotate"]["stores"][number];
export type StoreCounts = Answers["annotate"]["counts"];
export type QueueRow = Answers["annotate"]["queue"]["rows"][number];
export type ReviewItem = Answers["annotate"]["item"];
export type ItemFrame = ReviewItem["frames"][number];
export type DecisionOutcome = Answers["annotate"]["decide"];
export type SegmentAnswer = Answers["annotate"]["segment"];
export type PropagateEvent = Yielded<Answers["annotate"]["propagate"]>;
export type PolicyItem = Answers["playground"]["policies"][number];
export type PolicyCard = Answers["playground"]["open"];
export type DrawnMask = Answers["playground"]["mask"];
export type PredictAnswer = Answers["playground"]["predict"];
export type ServedState = Answers["served"]["state"];
export type LookAnswer = NonNullable<PredictAnswer["look"]>;
export type JobView = Yielded<Answers["annotate"]["job"]>;
export type GoldEvent = Yielded<Answers["annotate"]["score"]>;
export type GoldReport = Extract<GoldEvent, { kind: "report" }>["report"];
export type ReviewersReport = Answers["annotate"]["reviewers"];
export type Composition = Answers["compose"]["examine"];
export type ComposedPart = Composition["parts"][number];
export type PartChoice = Answers["compose"]["choices"][number];
export type BenchChoices = Answers["bench"]["choices"];
export type EvaluationReport = Answers["bench"]["evaluation"];
export type EpisodeOutcome = EvaluationReport["episodes"][number];
export type EvaluationCell = EvaluationReport["cells"][number];
export type RolloutEvent = Yielded<Answers["bench"]["watch"]>;
export type RolloutStart = Extract<RolloutEvent, { kind: "start" }>;
export type RolloutStep = Extract<RolloutEvent, { kind: "step" }>;
export type DatasetUse = Answers["bench"]["uses"][number];
export type AblationTable = Answers["sweeps"]["report"];
export type AblationRow = AblationTable["rows"][number];
export type AblationCell = AblationRow["cells"][number];
export type SweepFile = Answers["sweeps"]["files"][number];
export type SweepPreview = Answers["sweeps"]["preview"];
export type LoadSample = Yielded<Answers["system"]["load"]>;
export type HostInfo = Answers["system"]["info"];
export type {
  AnnotationState,
  BenchEpisodeKey,
  BenchOptions,
  ControlCommand,
  Drawn,
  DrawnKind,
  EpisodeFilter,
  EpisodeQuery,
  FacetCount,
  Histogram,
  PictureChoice,
  Player,
  PolicyPart,
  Problem,
  ReportFormat,
  QueueQuery,
  ReviewDecision,
  RunCommand,
  RunKind,
  RunState,
  SweepLaunch,
  WireMask,
} from "@pixelvla/studio-contract";

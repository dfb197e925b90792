import { datasetSchema } from "../datasets.ts";
import { need, t } from "../trpc.ts";
import {
  controlSchema,
  evaluationSchema,
  launchEvaluationSchema,
  savedEpisodeSchema,
  watchSchema,
  type ControlRequest,
  type LaunchEvaluation,
  type WatchRequest,
} from "./schemas.ts";

/** What can be played, with a sentence each. */
export interface BenchChoices {
  readonly tasks: readonly { readonly name: string; readonly description: string }[];
  readonly variants: readonly {
    readonly name: string;
    readonly axis: string;
    readonly description: string;
    /** Tasks it makes no sense for. */
    readonly unsuitableFor: readonly string[];
  }[];
  readonly maskSources: readonly string[];
  /** Seeds from here on are for demonstrations. */
  readonly trainingSeedsFrom: number;
}

/** A solid of the scene; half sizes in metres as in MuJoCo. Row of the poses: its index. */
export interface SceneGeom {
  readonly owner: string;
  readonly type: "box" | "sphere" | "cylinder" | "capsule" | "ellipsoid";
  readonly sizeM: readonly number[];
  readonly rgb: readonly number[];
  readonly dynamic: boolean;
}

/** How one episode ended. */
export interface EpisodeOutcome {
  readonly embodiment: string;
  readonly task: string;
  readonly variant: string;
  readonly seed: number;
  readonly instruction: string;
  readonly outcome: string;
  readonly success: boolean;
  readonly grasped: boolean;
  readonly nSteps: number;
  readonly nQueries: number;
  /** The sentence of a fault that ended it. */
  readonly fault?: string | undefined;
  readonly policyMs: number;
}

/** What a watched or replayed rollout yields. */
export type RolloutEvent =
  | {
      readonly kind: "start";
      readonly instruction: string;
      readonly targetOwner: string;
      readonly objectIds: readonly string[];
      readonly maxSteps: number;
      readonly geoms: readonly SceneGeom[];
      /** The policy's camera, metres and radians. */
      readonly camera: {
        readonly positionM: readonly number[];
        readonly lookAtM: readonly number[];
        readonly fovyRad: number;
      };
    }
  | {
      readonly kind: "step";
      readonly stepIndex: number;
      /** `[G, 12]` little-endian float32, base64: position and row-major rotation of each solid in the world. */
      readonly poses: string;
      readonly handM: readonly number[];
      /** Opening in [0, 1], 1 open. */
      readonly opening: number;
      readonly graspedIds: readonly string[];
      /** `[n][7]`: what the policy means to do from here; empty after the last step. In a replay: what was done. */
      readonly intended: readonly (readonly number[])[];
      /** PNG, base64; the picture of the policy's camera, and the mask it was shown. */
      readonly picturePng: string;
      readonly maskPng?: string | undefined;
      readonly isPushed: boolean;
    }
  | { readonly kind: "end"; readonly outcome: EpisodeOutcome | undefined };

/** A share with its 95 % Wilson interval. */
export interface Share {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/** All episodes of an embodiment, task and variant. */
export interface EvaluationCell {
  readonly embodiment: string;
  readonly task: string;
  readonly variant: string;
  readonly nEpisodes: number;
  readonly success: Share;
  readonly grasp: Share;
  readonly meanSteps: number;
}

/** An evaluation as it stands. */
export interface EvaluationReport {
  readonly runId: string;
  readonly name: string;
  /** Who was played, in words. */
  readonly policy: string;
  /** Run of the policy in this workspace. */
  readonly policyRunId: string | undefined;
  readonly options: Readonly<Record<string, string | number>>;
  readonly cells: readonly EvaluationCell[];
  /** In the order in which they ended; the index is the line to replay. */
  readonly episodes: readonly EpisodeOutcome[];
}

/** A training episode like an evaluated one. */
export interface SimilarEpisode {
  readonly datasetId: string;
  readonly episodeIndex: number;
  readonly task: string;
  readonly phrase: string | undefined;
  readonly annotation: string;
  /** In [0, 1]. */
  readonly likeness: number;
}

export interface SimilarAnswer {
  /** How likeness is measured, one sentence. */
  readonly measure: string;
  readonly instruction: string;
  readonly nCompared: number;
  readonly episodes: readonly SimilarEpisode[];
}

/** A run that was trained on a dataset. */
export interface DatasetUse {
  readonly runId: string;
  readonly name: string;
  readonly recipe: string | undefined;
  /** Hash of the episodes, actions, instructions and usable masks as the run read them; undefined where it kept none. */
  readonly fingerprint: string | undefined;
  readonly startedAt: string | undefined;
  /** Whether its samples carried the masks and prompts of the dataset. */
  readonly usesAnnotations: boolean;
  /** Evaluations that played its checkpoints. */
  readonly evaluations: readonly { readonly runId: string; readonly name: string }[];
}

/** What the host must provide for the room. */
export interface BenchService {
  choices(): Promise<BenchChoices>;
  watch(request: WatchRequest, signal: AbortSignal): AsyncIterable<RolloutEvent>;
  control(request: ControlRequest): Promise<void>;
  launch(request: LaunchEvaluation): Promise<{ readonly runId: string }>;
  evaluation(runId: string): Promise<EvaluationReport>;
  replay(runId: string, line: number, signal: AbortSignal): AsyncIterable<RolloutEvent>;
  similar(runId: string, line: number): Promise<SimilarAnswer>;
  uses(datasetId: string): Promise<readonly DatasetUse[]>;
}

/** Procedures of the room. */
export function benchRouter(bench: BenchService) {
  const procedure = t.procedure;
  return t.router({
    choices: procedure.query(() => bench.choices()),
    watch: procedure.input(watchSchema).subscription(async function* ({ input, signal }) {
      yield* bench.watch(input, need(signal));
    }),
    control: procedure.input(controlSchema).mutation(({ input }) => bench.control(input)),
    launch: procedure.input(launchEvaluationSchema).mutation(({ input }) => bench.launch(input)),
    evaluation: procedure.input(evaluationSchema).query(({ input }) => bench.evaluation(input.runId)),
    replay: procedure.input(savedEpisodeSchema).subscription(async function* ({ input, signal }) {
      yield* bench.replay(input.runId, input.line, need(signal));
    }),
    similar: procedure.input(savedEpisodeSchema).query(({ input }) => bench.similar(input.runId, input.line)),
    uses: procedure.input(datasetSchema).query(({ input }) => bench.uses(input.datasetId)),
  });
}

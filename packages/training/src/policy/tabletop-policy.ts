import { z } from "zod";
import { fitImage } from "../samples/fit-image.ts";
import type { Sample } from "../samples/sample-store.ts";
import { normaliseRow } from "../samples/statistics.ts";
import {
  fitMask,
  linePoints,
  pointMapper,
  type PromptPoint,
  type SampleAnnotation,
} from "../samples/visual-prompts.ts";
import { POINT_LABEL } from "@pixelvla/core";
import { RunPolicy } from "./run-policy.ts";

const optionsSchema = z.strictObject({
  run: z.string().describe("Run directory or checkpoint folder"),
  threads: z.int().positive().default(1).describe("Threads of one operator; rollouts run side by side"),
});

/** A visual prompt in pixels of the observation's image. */
type VisualPrompt =
  | { readonly kind: "point"; readonly xPx: number; readonly yPx: number }
  | { readonly kind: "line"; readonly fromPx: readonly [number, number]; readonly toPx: readonly [number, number] }
  | { readonly kind: "box"; readonly minPx: readonly [number, number]; readonly maxPx: readonly [number, number] }
  | { readonly kind: "mask"; readonly mask: Uint8Array };

/** What the benchmark shows a policy; the part of its `Observation` that is read here. */
export interface TabletopObservation {
  readonly widthPx: number;
  readonly heightPx: number;
  /** `[H, W, 3]`, 0..255. */
  readonly image: Uint8Array;
  readonly state: Float32Array;
  readonly instruction: string;
  /** `[H, W]` in {0, 1}. */
  readonly objectMask?: Uint8Array;
  readonly prompt?: VisualPrompt;
}

/** A policy as the benchmark plays it. */
export interface TabletopPolicy {
  readonly name: string;
  reset(): void;
  act(observation: TabletopObservation): Promise<{ chunkSize: number; actions: Float32Array }>;
  close(): Promise<void>;
}

/**
 * Makes the benchmark's policy from a training run: `pixelvla bench run --policy THIS-MODULE --policy-options '{"run": DIR}'`.
 * @throws PVLA_RUN, PVLA_NO_CHECKPOINT, PVLA_WEIGHTS
 */
export async function createPolicy(options: unknown): Promise<TabletopPolicy> {
  const { run, threads } = optionsSchema.parse(options);
  const policy = await RunPolicy.load(run, { threads });
  const { chunkSize, name } = policy.recipe;
  let visit = 0;
  return {
    name,
    reset: () => {
      visit = 0;
    },
    async act(observation) {
      const promptKind = observation.prompt?.kind;
      const sample = await sampleOf(observation, policy);
      const chunk = await policy.normalisedChunk(sample, { visit: visit++, ...(promptKind && { promptKind }) });
      return { chunkSize, actions: policy.inUnits(chunk) };
    },
    close: () => policy.close(),
  };
}

const NOTHING = new Float32Array();

async function sampleOf(observation: TabletopObservation, { recipe, statistics }: RunPolicy): Promise<Sample> {
  const { image, state: recorded, instruction } = observation;
  const fitted = await fitImage({ ...observation, data: image }, recipe.image);
  const state = recorded.slice(0, recipe.stateDim);
  if (recipe.stateDim > 0) normaliseRow(state, statistics.proprio);
  const annotation = annotationOf(observation, recipe.image);
  return {
    episodeIndex: 0,
    frameIndex: 0,
    instruction,
    image: fitted,
    state,
    chunk: { actions: NOTHING, weights: NOTHING },
    annotation,
  };
}

function annotationOf(
  { widthPx, heightPx, objectMask, prompt }: TabletopObservation,
  fit: RunPolicy["recipe"]["image"],
): SampleAnnotation | undefined {
  if (objectMask === undefined) return undefined;
  const at = pointMapper(widthPx, heightPx, fit);
  const prompts: Record<"point" | "line" | "box", PromptPoint[]> = { point: [], line: [], box: [] };
  switch (prompt?.kind) {
    case "point":
      prompts.point.push(at(prompt.xPx, prompt.yPx, POINT_LABEL.positive));
      break;
    case "line":
      for (const [x, y] of linePoints([prompt.fromPx, prompt.toPx])) prompts.line.push(at(x, y, POINT_LABEL.positive));
      break;
    case "box":
      prompts.box.push(at(...prompt.minPx, POINT_LABEL.boxTopLeft), at(...prompt.maxPx, POINT_LABEL.boxBottomRight));
      break;
    default:
  }
  return { phrase: "", mask: fitMask({ widthPx, heightPx, data: objectMask }, fit), prompts };
}

import { z } from "zod";
import { policySample, type PolicyInput } from "./policy-sample.ts";
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
      const sample = await policySample(inputOf(observation), policy);
      const chunk = await policy.normalisedChunk(sample, { visit: visit++, ...(promptKind && { promptKind }) });
      return { chunkSize, actions: policy.inUnits(chunk) };
    },
    close: () => policy.close(),
  };
}

function inputOf({
  widthPx,
  heightPx,
  image,
  instruction,
  state,
  objectMask,
  prompt,
}: TabletopObservation): PolicyInput {
  return {
    image: { widthPx, heightPx, data: image },
    instruction,
    state,
    ...(objectMask === undefined ? {} : { mask: { widthPx, heightPx, data: objectMask } }),
    prompts: promptsOf(prompt),
  };
}

/** The prompt as the user of the policy would have drawn it. */
function promptsOf(prompt: VisualPrompt | undefined): NonNullable<PolicyInput["prompts"]> {
  switch (prompt?.kind) {
    case "point":
      return { points: [{ x: prompt.xPx, y: prompt.yPx, isObject: true }] };
    case "line":
      return { lines: [[prompt.fromPx, prompt.toPx]] };
    case "box": {
      const { minPx, maxPx } = prompt;
      return { box: { x0: minPx[0], y0: minPx[1], x1: maxPx[0], y1: maxPx[1] } };
    }
    default:
      return {};
  }
}

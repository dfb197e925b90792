import {
  add,
  concat,
  cos,
  defineActionDecoder,
  expand,
  linear,
  mseLoss,
  mul,
  pad,
  reshape,
  silu,
  sin,
  slice,
  sub,
  l1Loss,
  type DecoderContext,
  type Graph,
  type SuffixSegment,
  type Tensor,
} from "@pixelvla/core";
import { z } from "zod";
import { stateToken } from "./state-token.ts";

const options = z.strictObject({
  steps: z.int().positive().default(10).describe("Euler steps at inference"),
  paddedActionDim: z.int().positive().default(32).describe("Actions are padded with zeros to this many dimensions"),
  paddedStateDim: z
    .int()
    .positive()
    .default(32)
    .describe("The state is padded with zeros to this many dimensions; zeros when there is none"),
  state: z
    .enum(["linear", "fourier"])
    .default("linear")
    .describe("State token: pi0's projection of the padded state, or a Fourier code of it for tiny policies"),
  draws: z
    .int()
    .positive()
    .default(1)
    .describe("Noises and times learned from at each visit of a sample; the prompt is read once for all of them"),
});

type FlowOptions = z.output<typeof options>;

/**
 * pi0's flow matching: the action expert predicts the velocity from noise to action. One state token and one token per
 * noisy action follow the prompt; loss is the mean squared error over all padded dimensions.
 *
 * Source: reference `models.md` §4.5 (openpi). Time runs from 1 (noise) to 0 (action), the reverse of the pi0 paper:
 * x_t = t e + (1 - t) a, velocity e - a, inference x += dt v with dt = -1/steps.
 */
export const flowMatching = defineActionDecoder({
  name: "flow-matching",
  summary: "Flow-matching action expert, 10 Euler steps (pi0).",
  options,
  train(g, context, parsed) {
    const { inputs, backbone, prefix } = context;
    const { batch, chunkSize, actionDim } = inputs.shape;
    const { draws, paddedActionDim } = parsed;
    const actions = pad(inputs.actions, [
      [0, 0],
      [0, 0],
      [0, paddedActionDim - actionDim],
    ]);
    const weights = reshape(inputs.actionWeights, [batch, chunkSize, 1]);
    const noises = inputs.noise(draws * chunkSize, paddedActionDim);
    const times = reshape(inputs.time(draws), [batch, draws]);
    const cache = backbone.encode(prefix);
    const perDraw = Array.from({ length: draws }, (_, k) =>
      g.reusing(() => {
        const noise = slice(noises, 1, k * chunkSize, (k + 1) * chunkSize);
        const time = reshape(slice(times, 1, k, k + 1), [batch, 1, 1]);
        const noisy = add(mul(noise, time), mul(actions, sub(1, time)));
        const embedded = timeFeatures(g, reshape(time, [batch]), backbone.suffixWidth);
        const { suffix } = backbone.extend(cache, suffixSegments(g, context, noisy, embedded, parsed), "block");
        const velocity = linear(g, suffix[1]!, paddedActionDim, "action_out_proj");
        // What one Euler step straight to t = 0 would give, compared with the demonstration.
        const straight = slice(sub(noisy, mul(velocity, time)), 2, 0, actionDim);
        return {
          loss: mseLoss(velocity, sub(noise, actions), weights),
          l1: l1Loss(straight, inputs.actions, weights),
        };
      }),
    );
    const mean = (key: "loss" | "l1") =>
      mul(
        perDraw.map((draw) => draw[key]).reduce((a, b) => add(a, b)),
        1 / draws,
      );
    return { loss: mean("loss"), metrics: { l1: mean("l1") } };
  },
  predict(g, context, parsed) {
    const { inputs, backbone, prefix } = context;
    const { batch, chunkSize, actionDim } = inputs.shape;
    const cache = backbone.encode(prefix);
    let x = inputs.noise(chunkSize, parsed.paddedActionDim);
    for (let i = 0; i < parsed.steps; i++) {
      const time = 1 - i / parsed.steps;
      x = g.reusing(() => {
        const embedded = constantTimeFeatures(g, time, batch, backbone.suffixWidth);
        const segments = suffixSegments(g, context, x, embedded, parsed);
        const { suffix } = backbone.extend(cache, segments, "block");
        const velocity = linear(g, suffix[1]!, parsed.paddedActionDim, "action_out_proj");
        return sub(x, mul(velocity, 1 / parsed.steps));
      });
    }
    return slice(x, 2, 0, actionDim);
  },
});

/** State token and noisy-action tokens mixed with the time, `[B, 1, W]` and `[B, Nc, W]`. */
function suffixSegments(
  g: Graph,
  { inputs, backbone }: DecoderContext,
  noisy: Tensor,
  time: Tensor,
  parsed: FlowOptions,
): SuffixSegment[] {
  const { batch, chunkSize, stateDim } = inputs.shape;
  const width = backbone.suffixWidth;
  const state = parsed.state === "fourier" ? stateToken(g, inputs, width, "fourier", "flow-matching") : projected();
  const actionTokens = linear(g, noisy, width, "action_in_proj");
  const times = expand(reshape(time, [batch, 1, width]), [batch, chunkSize, width]);
  const mixed = silu(linear(g, concat([actionTokens, times], 2), width, "action_time_mlp_in"));
  return [{ tokens: state }, { tokens: linear(g, mixed, width, "action_time_mlp_out") }];

  function projected(): Tensor {
    const padded =
      stateDim === 0
        ? expand(g.scalar(0), [batch, parsed.paddedStateDim])
        : pad(inputs.state, [
            [0, 0],
            [0, parsed.paddedStateDim - stateDim],
          ]);
    return reshape(linear(g, padded, width, "state_proj"), [batch, 1, width]);
  }
}

/** Angular frequencies 2 pi / period, periods geometric from 4e-3 to 4. */
function frequencies(width: number): number[] {
  const half = width / 2;
  return Array.from({ length: half }, (_, k) => (2 * Math.PI) / (4e-3 * Math.pow(1000, k / (half - 1))));
}

/** Sine-cosine embedding `[B, W]` of times `[B]`. */
export function timeFeatures(g: Graph, time: Tensor, width: number): Tensor {
  const rates = g.constant("float32", [1, width / 2], Float32Array.from(frequencies(width)));
  const angles = mul(reshape(time, [time.shape[0]!, 1]), rates);
  return concat([sin(angles), cos(angles)], 1);
}

/** The same for one time known when the graph is built, in double precision. */
function constantTimeFeatures(g: Graph, time: number, batch: number, width: number): Tensor {
  const rates = frequencies(width);
  const row = [...rates.map((r) => Math.sin(time * r)), ...rates.map((r) => Math.cos(time * r))];
  return expand(g.constant("float32", [1, width], Float32Array.from(row)), [batch, width]);
}

import {
  argMax,
  cast,
  concat,
  crossEntropy,
  defineActionDecoder,
  expand,
  gather,
  greater,
  greaterOrEqual,
  incompatible,
  l1Loss,
  max,
  min,
  reduceSum,
  reshape,
  slice,
  sub,
  where,
  type BackboneCache,
  type DecoderContext,
  type Graph,
  type Tensor,
} from "@pixelvla/core";
import { z } from "zod";

/** OpenVLA's binning: 256 edges over [-1, 1], so 255 intervals and their centres. */
const EDGES = 256;

/** Target of steps past the end of an episode, which do not count. */
const IGNORED = -100;

const edge = (i: number) => -1 + (2 * i) / (EDGES - 1);

const options = z.strictObject({
  stopToken: z
    .boolean()
    .default(true)
    .describe("Also learn the stop token after the last action token, as OpenVLA does"),
});

/**
 * OpenVLA's discrete action tokens: each action dimension becomes one of 256 tokens counted down from the top of the
 * vocabulary (a larger value has a smaller id), learned by cross-entropy, decoded greedily with cached keys and values.
 *
 * Source: OpenVLA's `ActionTokenizer`; reference `models.md` §2.5. Actions `[B, Nc, A]` in [-1, 1]; the error of a round
 * trip is at most 1/255, and ±1 come back as ±0.99608.
 */
export const actionTokens = defineActionDecoder({
  name: "action-tokens",
  summary: "256-bin action tokens with cross-entropy and greedy decoding (OpenVLA).",
  options,
  train(g, context, { stopToken }) {
    const { inputs, backbone, prefix, specialTokens } = context;
    const { batch, chunkSize, actionDim } = inputs.shape;
    const count = chunkSize * actionDim;
    const ids = encodeActions(g, reshape(inputs.actions, [batch, count]), vocabularyOf(context));
    const { suffix, lastPrompt } = backbone.run(prefix, [{ tokens: backbone.embed(ids) }], "causal");
    const first = reshape(lastPrompt, [batch, 1, backbone.width]);
    const hidden = stopToken ? concat([first, suffix[0]!], 1) : concat([first, slice(suffix[0]!, 1, 0, count - 1)], 1);
    const logits = backbone.logits(hidden);
    const weights = reshape(
      expand(reshape(inputs.actionWeights, [batch, chunkSize, 1]), [batch, chunkSize, actionDim]),
      [batch, count],
    );
    const stop = g.constant("int64", [batch, 1], new BigInt64Array(batch).fill(BigInt(specialTokens.eos)));
    const targets = stopToken ? concat([ids, stop], 1) : ids;
    const taught = stopToken ? concat([weights, slice(weights, 1, count - 1)], 1) : weights;
    const loss = crossEntropy(logits, where(greater(taught, 0), targets, IGNORED), IGNORED);
    const decoded = decodeIds(g, argMax(slice(logits, 1, 0, count), 2), vocabularyOf(context));
    const l1 = l1Loss(decoded, reshape(inputs.actions, [batch, count]), weights);
    return { loss, metrics: { l1 } };
  },
  predict(g, context) {
    const { inputs, backbone, prefix } = context;
    const { batch, chunkSize, actionDim } = inputs.shape;
    const count = chunkSize * actionDim;
    let cache: BackboneCache = backbone.encode(prefix);
    let hidden = reshape(cache.lastPrompt, [batch, 1, backbone.width]);
    const ids: Tensor[] = [];
    for (let i = 0; i < count; i++) {
      const id = argMax(backbone.logits(hidden), 2); // [B, 1]
      ids.push(id);
      if (i === count - 1) break;
      const step = backbone.extend(cache, [{ tokens: backbone.embed(id) }], "causal");
      hidden = step.suffix[0]!;
      cache = step.cache;
    }
    return reshape(decodeIds(g, concat(ids, 1), vocabularyOf(context)), [batch, chunkSize, actionDim]);
  },
});

function vocabularyOf({ specialTokens }: DecoderContext): number {
  if (specialTokens.actionVocabulary !== undefined) return specialTokens.actionVocabulary;
  throw incompatible({
    doing: `Building decoder "action-tokens"`,
    found: "a backbone without action tokens in its vocabulary",
    needed: "one that names actionVocabulary, such as llama",
    fix: `Choose the llama backbone or the "continuous" decoder`,
  });
}

/** Values `[B, n]` -> token ids `[B, n]`: vocabulary minus the number of edges at or below the clipped value. */
export function encodeActions(g: Graph, values: Tensor, vocabulary: number): Tensor {
  const [b, n] = values.shape as [number, number];
  const clipped = reshape(max(min(values, 1), -1), [b, n, 1]);
  const edges = g.constant(
    "float32",
    [1, 1, EDGES],
    Float32Array.from({ length: EDGES }, (_, i) => edge(i)),
  );
  const digits = reduceSum(cast(greaterOrEqual(clipped, edges), "float32"), [2]);
  return cast(sub(g.scalar(vocabulary), digits), "int64");
}

/** Token ids `[B, n]` -> bin centres `[B, n]`; ids outside the action range give the nearest bin. */
export function decodeIds(g: Graph, ids: Tensor, vocabulary: number): Tensor {
  const centres = Float32Array.from({ length: EDGES - 1 }, (_, i) => (edge(i) + edge(i + 1)) / 2);
  const index = max(min(sub(g.scalar(vocabulary - 1), cast(ids, "float32")), EDGES - 2), 0);
  return gather(g.constant("float32", [EDGES - 1], centres), cast(index, "int64"), 0);
}

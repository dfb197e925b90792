import {
  add,
  blockMask,
  cast,
  concat,
  defineBackbone,
  embedding,
  expand,
  linear,
  MASKED_LOGIT,
  reshape,
  rmsNorm,
  rotaryTables,
  slice,
  sub,
  where,
  type Backbone,
  type BackboneCache,
  type Graph,
  type PrefixInput,
  type Tensor,
} from "@pixelvla/core";
import { z } from "zod";
import { openLayer, type DecoderLayerConfig, type KeysValues } from "../decoder-layers.ts";
import { blockNumbers, joinSegments, offsets, splitSegments } from "../positions.ts";
import { assemblePrompt, lastValid, type PromptSequence } from "../sequence.ts";

const options = z.strictObject({
  width: z.int().positive().default(4096).describe("Hidden width D"),
  layers: z.int().positive().default(32).describe("Number of layers"),
  heads: z.int().positive().default(32).describe("Query heads"),
  keyValueHeads: z.int().positive().optional().describe("Key and value heads; default: as many as query heads"),
  mlpWidth: z.int().positive().default(11008).describe("Width of the gated MLP"),
  vocabulary: z.int().positive().default(32064).describe("Rows of the embedding table"),
  actionVocabulary: z.int().positive().default(32000).describe("Action token k has id actionVocabulary - k"),
  epsilon: z.number().positive().default(1e-6).describe("RMSNorm epsilon (OpenVLA: 1e-6)"),
  theta: z.number().positive().default(10000).describe("Rotary base"),
  maxPositions: z.int().positive().default(2048).describe("Longest sequence"),
  residualScale: z
    .number()
    .positive()
    .default(1)
    .describe("Factor on the first values of the projections into the residual stream (below 1 for tiny policies)"),
  embeddingStd: z.number().positive().default(0.02).describe("Spread of freshly made token embeddings"),
  bos: z.int().nonnegative().default(1).describe("Id of the first token"),
  eos: z.int().nonnegative().default(2).describe("Id of the stop token"),
  pad: z.int().nonnegative().default(32000).describe("Id of the padding token"),
  annotationsSentinel: z.int().nonnegative().default(32001).describe("Id that stands for an E_p embedding in the text"),
  visualPromptsSentinel: z
    .int()
    .nonnegative()
    .default(32002)
    .describe("Id that stands for an E_s embedding in the text"),
});

type LlamaOptions = z.output<typeof options>;

/**
 * Llama 2 as OpenVLA uses it: `[BOS] [vision] [text]`, causal, padding skipped in positions and masked as keys.
 * Parameter names are those of `openvla/openvla-7b` below `language_model.`.
 *
 * Source: reference `models.md` §2; attention rules §8.6.
 */
export const llama = defineBackbone({
  name: "llama",
  summary: "Llama 2 with vision tokens after BOS (OpenVLA's language model).",
  options,
  width: ({ width }) => width,
  specialTokens: (o) => ({
    bos: o.bos,
    eos: o.eos,
    pad: o.pad,
    annotations: o.annotationsSentinel,
    visualPrompts: o.visualPromptsSentinel,
    actionVocabulary: o.actionVocabulary,
  }),
  loraTargets: {
    attention: "\\.self_attn\\.(q|k|v|o)_proj$",
    mlp: "\\.mlp\\.(gate|up|down)_proj$",
  },
  build: (g, _shape, parsed) => new LlamaBackbone(g, parsed),
});

/** The last layer's keys and values stand; its tokens' final hidden states are computed as they are asked for. */
interface Top {
  readonly layers: readonly KeysValues[];
  /** Final hidden states `[B, end - start, D]` of the tokens from `start` up to `end`. */
  range(start: number, end: number): Tensor;
  /** Those `[B, D]` of each sample's last valid prompt token, which sees everything valid among the first `nKeys` keys. */
  last(prompt: PromptSequence, nKeys: number): Tensor;
}

class LlamaBackbone implements Backbone {
  readonly width: number;
  readonly suffixWidth: number;
  readonly visionOffset = 1;
  readonly #g: Graph;
  readonly #scope: string;
  readonly #options: LlamaOptions;
  readonly #layer: DecoderLayerConfig;

  constructor(g: Graph, parsed: LlamaOptions) {
    this.#g = g;
    this.#scope = g.scope;
    this.#options = parsed;
    this.width = parsed.width;
    this.suffixWidth = parsed.width;
    this.#layer = {
      width: parsed.width,
      heads: parsed.heads,
      keyValueHeads: parsed.keyValueHeads ?? parsed.heads,
      headWidth: parsed.width / parsed.heads,
      mlpWidth: parsed.mlpWidth,
      epsilon: parsed.epsilon,
      style: "llama",
      residualScale: parsed.residualScale,
    };
  }

  embed(ids: Tensor): Tensor {
    const { vocabulary, width, embeddingStd } = this.#options;
    return this.#emit(() => embedding(this.#g, ids, vocabulary, width, "model.embed_tokens", embeddingStd));
  }

  logits(hidden: Tensor): Tensor {
    return this.#emit(() => linear(this.#g, hidden, this.#options.vocabulary, "lm_head", { bias: false }));
  }

  run(...[prefix, suffix, rule]: Parameters<Backbone["run"]>): ReturnType<Backbone["run"]> {
    const g = this.#g;
    return this.#emit(() => {
      const prompt = this.#prompt(prefix);
      const [b, p] = prompt.valid.shape as [number, number];
      const { tokens, lengths } = joinSegments(suffix);
      const n = tokens.shape[1]!;
      const valid = concat([prompt.valid, expand(g.scalar(1), [b, n])], 1);
      const positions = concat([prompt.positions, add(prompt.count, offsets(g, n))], 1);
      const blocks = blockNumbers(rule, p, lengths);
      const top = this.#layers(concat([prompt.embeddings, tokens], 1), positions, blocks, blocks, valid);
      return {
        suffix: splitSegments(top.range(p, p + n), lengths),
        lastPrompt: top.last(prompt, rule === "full" ? p + n : p),
      };
    });
  }

  encode(prefix: PrefixInput): BackboneCache {
    return this.#emit(() => {
      const prompt = this.#prompt(prefix);
      const p = prompt.valid.shape[1]!;
      const blocks = blockNumbers("causal", p, []);
      const top = this.#layers(prompt.embeddings, prompt.positions, blocks, blocks, prompt.valid);
      return {
        layers: top.layers,
        valid: prompt.valid,
        nextPosition: prompt.count,
        prompt: top.range(0, p),
        lastPrompt: top.last(prompt, p),
      };
    });
  }

  extend(...[cache, suffix, rule]: Parameters<Backbone["extend"]>): ReturnType<Backbone["extend"]> {
    const g = this.#g;
    return this.#emit(() => {
      const [b, past] = cache.valid.shape as [number, number];
      const { tokens, lengths } = joinSegments(suffix);
      const n = tokens.shape[1]!;
      const valid = concat([cache.valid, expand(g.scalar(1), [b, n])], 1);
      const blocks = blockNumbers(rule, past, lengths);
      const positions = add(cache.nextPosition, offsets(g, n));
      const top = this.#layers(tokens, positions, blocks.slice(past), blocks, valid, cache.layers);
      const nextPosition = add(cache.nextPosition, g.scalar(n, "int64"));
      return {
        suffix: splitSegments(top.range(0, n), lengths),
        cache: { ...cache, layers: top.layers, valid, nextPosition },
      };
    });
  }

  #prompt(prefix: PrefixInput) {
    const special = llama.specialTokens(this.#options);
    return assemblePrompt(this.#g, prefix, special, (ids) => this.embed(ids));
  }

  /**
   * All layers over `x` `[B, T, D]`. Of the last one only what is read is computed: of the prompt nothing but its keys and values,
   * unless somebody asks.
   *
   * @param positions int64 `[B, T]`
   * @param queryBlocks block number of each token of `x`
   * @param keyBlocks those of every key, the cached ones first
   * @param keyValid float32 `[B, S]`
   */
  #layers(
    x: Tensor,
    positions: Tensor,
    queryBlocks: readonly number[],
    keyBlocks: readonly number[],
    keyValid: Tensor,
    past?: readonly KeysValues[],
  ): Top {
    const g = this.#g;
    const { theta, layers, epsilon } = this.#options;
    const tables = (positions: Tensor) =>
      rotaryTables(g, this.#layer.headWidth, keyBlocks.length, { theta, positions });
    const rotary = tables(positions);
    const mask = blockMask(g, queryBlocks, keyBlocks, keyValid);
    const open = (x: Tensor, i: number) =>
      g.within(`model.layers.${i}`, () => openLayer(g, x, this.#layer, rotary, past?.[i]));
    let layer = open(x, 0);
    const caches: KeysValues[] = [layer];
    for (let i = 1; i < layers; i++) caches.push((layer = open(layer.rows({ rotary, mask }), i)));
    const norm = (hidden: Tensor) => rmsNorm(g, hidden, "model.norm", { epsilon });
    return {
      layers: caches.map(({ keys, values }) => ({ keys, values })),
      range(start, end) {
        const isAll = end - start === queryBlocks.length;
        return norm(
          layer.rows(
            isAll
              ? { rotary, mask }
              : {
                  select: (all) => slice(all, 1, start, end),
                  rotary: tables(slice(positions, 1, start, end)),
                  mask: blockMask(g, queryBlocks.slice(start, end), keyBlocks, keyValid),
                },
          ),
        );
      },
      last: ({ valid, count }, nKeys) => {
        const [b, width] = [valid.shape[0]!, this.#layer.width];
        const visible = reshape(slice(keyValid, 1, 0, nKeys), [b, 1, 1, nKeys]);
        const row = layer.rows({
          select: (all) => reshape(lastValid(g, slice(all, 1, 0, valid.shape[1]), valid), [b, 1, width]),
          rotary: tables(sub(count, g.scalar(1, "int64"))),
          mask: where(cast(visible, "bool"), 0, MASKED_LOGIT),
          nKeys,
        });
        return reshape(norm(row), [b, width]);
      },
    };
  }

  /** Emits in the backbone's own scope; parameters are made on the first call and used again by later ones. */
  #emit<T>(build: () => T): T {
    return this.#g.reusing(() => this.#g.withScope(this.#scope, build));
  }
}

import {
  add,
  blockMask,
  concat,
  defineBackbone,
  embedding,
  expand,
  linear,
  rmsNorm,
  rotaryTables,
  slice,
  type Backbone,
  type BackboneCache,
  type Graph,
  type PrefixInput,
  type Tensor,
} from "@pixelvla/core";
import { z } from "zod";
import { decoderLayer, type DecoderLayerConfig, type KeysValues } from "../decoder-layers.ts";
import { blockNumbers, joinSegments, offsets, splitSegments } from "../positions.ts";
import { assemblePrompt, lastValid } from "../sequence.ts";

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
      const mask = blockMask(g, blocks, blocks, valid);
      const { hidden } = this.#layers(concat([prompt.embeddings, tokens], 1), positions, mask, p + n);
      const promptStates = slice(hidden, 1, 0, p);
      return {
        suffix: splitSegments(hidden, lengths, p),
        prompt: promptStates,
        lastPrompt: lastValid(g, promptStates, prompt.valid),
      };
    });
  }

  encode(prefix: PrefixInput): BackboneCache {
    const g = this.#g;
    return this.#emit(() => {
      const prompt = this.#prompt(prefix);
      const p = prompt.valid.shape[1]!;
      const blocks = blockNumbers("causal", p, []);
      const mask = blockMask(g, blocks, blocks, prompt.valid);
      const { hidden, layers } = this.#layers(prompt.embeddings, prompt.positions, mask, p);
      return {
        layers,
        valid: prompt.valid,
        nextPosition: prompt.count,
        prompt: hidden,
        lastPrompt: lastValid(g, hidden, prompt.valid),
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
      const mask = blockMask(g, blocks.slice(past), blocks, valid);
      const positions = add(cache.nextPosition, offsets(g, n));
      const { hidden, layers } = this.#layers(tokens, positions, mask, past + n, cache.layers);
      const nextPosition = add(cache.nextPosition, g.scalar(n, "int64"));
      return {
        suffix: splitSegments(hidden, lengths),
        cache: { ...cache, layers, valid, nextPosition },
      };
    });
  }

  #prompt(prefix: PrefixInput) {
    const special = llama.specialTokens(this.#options);
    return assemblePrompt(this.#g, prefix, special, (ids) => this.embed(ids));
  }

  #layers(x: Tensor, positions: Tensor, mask: Tensor, longest: number, past?: readonly KeysValues[]) {
    const g = this.#g;
    const { theta, layers, epsilon } = this.#options;
    const rotary = rotaryTables(g, this.#layer.headWidth, longest, { theta, positions });
    let h = x;
    const caches: KeysValues[] = [];
    for (let i = 0; i < layers; i++) {
      const result = g.within(`model.layers.${i}`, () => decoderLayer(g, h, this.#layer, rotary, mask, past?.[i]));
      h = result.x;
      caches.push({ keys: result.keys, values: result.values });
    }
    return { hidden: rmsNorm(g, h, "model.norm", { epsilon }), layers: caches };
  }

  /** Emits in the backbone's own scope; parameters are made on the first call and used again by later ones. */
  #emit<T>(build: () => T): T {
    return this.#g.reusing(() => this.#g.withScope(this.#scope, build));
  }
}

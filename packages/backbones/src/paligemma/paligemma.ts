import {
  add,
  blockMask,
  concat,
  defineBackbone,
  embedding,
  expand,
  incompatible,
  linear,
  mul,
  rmsNorm,
  rotaryTables,
  type AttentionRule,
  type Backbone,
  type BackboneCache,
  type Graph,
  type PrefixInput,
  type RotaryTables,
  type Tensor,
} from "@pixelvla/core";
import { z } from "zod";
import { decoderLayer, type DecoderLayerConfig, type KeysValues } from "../decoder-layers.ts";
import { blockNumbers, joinSegments, offsets, splitSegments } from "../positions.ts";
import { assemblePrompt, lastValid } from "../sequence.ts";

const options = z.strictObject({
  width: z.int().positive().default(2048).describe("Hidden width of the language model, D"),
  mlpWidth: z.int().positive().default(16384).describe("MLP width of the language model"),
  expertWidth: z.int().positive().default(1024).describe("Hidden width of the action expert"),
  expertMlpWidth: z.int().positive().default(4096).describe("MLP width of the action expert"),
  layers: z.int().positive().default(18).describe("Layers, shared by both streams"),
  heads: z.int().positive().default(8).describe("Query heads"),
  keyValueHeads: z.int().positive().default(1).describe("Key and value heads"),
  headWidth: z.int().positive().default(256).describe("Width of one head"),
  vocabulary: z.int().positive().default(257152).describe("Rows of the embedding table"),
  epsilon: z.number().positive().default(1e-6).describe("RMSNorm epsilon"),
  theta: z.number().positive().default(10000).describe("Rotary base"),
  residualScale: z
    .number()
    .positive()
    .default(1)
    .describe("Factor on the first values of the projections into the residual stream (below 1 for tiny policies)"),
  embeddingStd: z.number().positive().default(0.02).describe("Spread of freshly made token embeddings"),
  bos: z.int().nonnegative().default(2).describe("Id of the first text token"),
  eos: z.int().nonnegative().default(1).describe("Id of the stop token"),
  pad: z.int().nonnegative().default(0).describe("Id of the padding token"),
  annotationsSentinel: z
    .int()
    .nonnegative()
    .default(257150)
    .describe("Id that stands for an E_p embedding in the text"),
  visualPromptsSentinel: z
    .int()
    .nonnegative()
    .default(257151)
    .describe("Id that stands for an E_s embedding in the text"),
});

type PaligemmaOptions = z.output<typeof options>;

/**
 * PaliGemma's language model with pi0's action expert: two streams with their own weights that share attention. The
 * prompt (vision, then text) is bidirectional and never sees the suffix; the suffix sees the prompt, earlier segments and
 * its own. Token embeddings are scaled by sqrt(D); vision tokens and inserts are not.
 *
 * Source: reference `models.md` §4.3, §4.4. Parameter names are those of openpi's checkpoints below
 * `paligemma_with_expert.`.
 */
export const paligemma = defineBackbone({
  name: "paligemma",
  summary: "PaliGemma's Gemma with an action expert, block-causal attention (pi0).",
  options,
  width: ({ width }) => width,
  specialTokens: (o) => ({
    bos: o.bos,
    eos: o.eos,
    pad: o.pad,
    annotations: o.annotationsSentinel,
    visualPrompts: o.visualPromptsSentinel,
  }),
  loraTargets: {
    attention: "language_model.*\\.self_attn\\.(q|k|v|o)_proj$",
    mlp: "language_model.*\\.mlp\\.(gate|up|down)_proj$",
    expert: "gemma_expert.*\\.(self_attn|mlp)\\.\\w+_proj$",
  },
  build: (g, _shape, parsed) => new PaligemmaBackbone(g, parsed),
});

class PaligemmaBackbone implements Backbone {
  readonly width: number;
  readonly suffixWidth: number;
  readonly visionOffset = 0;
  readonly #g: Graph;
  readonly #scope: string;
  readonly #options: PaligemmaOptions;
  readonly #prefixLayer: DecoderLayerConfig;
  readonly #expertLayer: DecoderLayerConfig;

  constructor(g: Graph, parsed: PaligemmaOptions) {
    this.#g = g;
    this.#scope = g.scope;
    this.#options = parsed;
    this.width = parsed.width;
    this.suffixWidth = parsed.expertWidth;
    const { heads, keyValueHeads, headWidth, epsilon, residualScale } = parsed;
    const shared = { heads, keyValueHeads, headWidth, epsilon, residualScale, style: "gemma" } as const;
    this.#prefixLayer = { ...shared, width: parsed.width, mlpWidth: parsed.mlpWidth };
    this.#expertLayer = { ...shared, width: parsed.expertWidth, mlpWidth: parsed.expertMlpWidth };
  }

  embed(ids: Tensor): Tensor {
    const { vocabulary, width, embeddingStd } = this.#options;
    const rows = this.#emit(() => embedding(this.#g, ids, vocabulary, width, `${PREFIX}.embed_tokens`, embeddingStd));
    return mul(rows, Math.sqrt(width));
  }

  logits(hidden: Tensor): Tensor {
    return this.#emit(() => linear(this.#g, hidden, this.#options.vocabulary, "paligemma.lm_head", { bias: false }));
  }

  /** The prompt never sees the suffix, so one pass over both equals the two halves one after the other. */
  run(...[prefix, suffix, rule]: Parameters<Backbone["run"]>): ReturnType<Backbone["run"]> {
    const cache = this.encode(prefix);
    const extended = this.extend(cache, suffix, this.#cachedRule(rule));
    return { suffix: extended.suffix, lastPrompt: cache.lastPrompt };
  }

  encode(prefix: PrefixInput): BackboneCache {
    const g = this.#g;
    return this.#emit(() => {
      const special = paligemma.specialTokens(this.#options);
      const prompt = assemblePrompt(g, prefix, special, (ids) => this.embed(ids), "vision-text");
      const p = prompt.valid.shape[1]!;
      const blocks = blockNumbers("block", p, [], false);
      const mask = blockMask(g, blocks, blocks, prompt.valid);
      const rotary = this.#rotary(prompt.positions, p);
      let x = prompt.embeddings;
      const layers: KeysValues[] = [];
      for (let i = 0; i < this.#options.layers; i++) {
        const result = g.within(`${PREFIX}.layers.${i}`, () => decoderLayer(g, x, this.#prefixLayer, rotary, mask));
        x = result.x;
        layers.push({ keys: result.keys, values: result.values });
      }
      const hidden = rmsNorm(g, x, `${PREFIX}.norm`, { epsilon: this.#options.epsilon, style: "gemma" });
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
      const blocks = blockNumbers(rule, past, lengths, false);
      const mask = blockMask(g, blocks.slice(past), blocks, valid);
      const rotary = this.#rotary(add(cache.nextPosition, offsets(g, n)), past + n);
      let x = tokens;
      const layers = cache.layers.map((cached, i) => {
        const step = g.within(`${EXPERT}.layers.${i}`, () =>
          decoderLayer(g, x, this.#expertLayer, rotary, mask, cached),
        );
        x = step.x;
        return { keys: step.keys, values: step.values };
      });
      const hidden = rmsNorm(g, x, `${EXPERT}.norm`, { epsilon: this.#options.epsilon, style: "gemma" });
      const nextPosition = add(cache.nextPosition, g.scalar(n, "int64"));
      return {
        suffix: splitSegments(hidden, lengths),
        cache: { ...cache, layers, valid, nextPosition },
      };
    });
  }

  #cachedRule(rule: AttentionRule): Exclude<AttentionRule, "full"> {
    if (rule !== "full") return rule;
    throw incompatible({
      doing: `Building backbone "paligemma"`,
      found: `attention rule "full", in which the prompt would see the action tokens`,
      needed: `"block" or "causal"`,
      fix: `Set decoder.options.attention to "block"`,
    });
  }

  #rotary(positions: Tensor, longest: number): RotaryTables {
    return rotaryTables(this.#g, this.#options.headWidth, longest, { theta: this.#options.theta, positions });
  }

  /** Emits in the backbone's own scope; parameters are made on the first call and used again by later ones. */
  #emit<T>(build: () => T): T {
    return this.#g.reusing(() => this.#g.withScope(this.#scope, build));
  }
}

const PREFIX = "paligemma.model.language_model";
const EXPERT = "gemma_expert.model";

import type { z } from "zod";
import type { Graph } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { AttentionRecord } from "../nn/attention.ts";
import type { PolicyInputs, PromptTensors } from "./inputs.ts";

/** What every plugin of a policy declares. Plugins are plain values; importing a module registers nothing. */
export interface PluginBase<Kind extends string, Options extends z.ZodType> {
  readonly kind: Kind;
  readonly name: string;
  /** One sentence for lists and the studio. */
  readonly summary: string;
  /** A strict object with every field described and defaulted where sensible. */
  readonly options: Options;
}

// --- Vision encoder -------------------------------------------------------------------------------------------------

export interface VisionFeatures {
  /** `[B, N, Dv]`, row-major over the image. */
  readonly tokens: Tensor;
  /** Feature maps `[B, Hi, Wi, Di]`, shallow to deep, for the pixel encoder. */
  readonly levels: readonly Tensor[];
}

export interface VisionEncoderPlugin<Options extends z.ZodType = z.ZodType> extends PluginBase<
  "visionEncoder",
  Options
> {
  /** Image size the encoder was made for, `[height, width]` in px; the recipe may not contradict a fixed one. */
  imageSize(options: z.output<Options>): readonly [number, number];
  /** Image `[B, H, W, 3]` in [0, 1] -> features. Normalises the image itself. */
  build(g: Graph, image: Tensor, options: z.output<Options>): VisionFeatures;
}

// --- Projector ------------------------------------------------------------------------------------------------------

export interface ProjectorPlugin<Options extends z.ZodType = z.ZodType> extends PluginBase<"projector", Options> {
  /** `[B, N, Dv]` -> `[B, N, outputDim]`. */
  build(g: Graph, tokens: Tensor, options: z.output<Options>, outputDim: number): Tensor;
}

// --- Pixel encoder --------------------------------------------------------------------------------------------------

export interface PixelEncoderPlugin<Options extends z.ZodType = z.ZodType> extends PluginBase<"pixelEncoder", Options> {
  /** Np, known before building. */
  tokenCount(options: z.output<Options>): number;
  /** Levels `[B, Hi, Wi, Di]` and object mask `[B, H, W]` -> E_p `[B, Np, outputDim]` (Eq. 3). */
  build(
    g: Graph,
    input: { levels: readonly Tensor[]; mask: Tensor },
    options: z.output<Options>,
    outputDim: number,
  ): Tensor;
}

// --- Prompt encoder -------------------------------------------------------------------------------------------------

export interface PromptEncoderPlugin<Options extends z.ZodType = z.ZodType> extends PluginBase<
  "promptEncoder",
  Options
> {
  /** Ns for P prompt points, known before building. */
  tokenCount(options: z.output<Options>, promptPoints: number): number;
  /** Prompts -> E_s `[B, Ns, outputDim]` and which of them carry something, float32 `[B, Ns]` in {0, 1}. */
  build(
    g: Graph,
    prompts: PromptTensors,
    options: z.output<Options>,
    outputDim: number,
  ): { tokens: Tensor; valid: Tensor };
}

// --- Backbone -------------------------------------------------------------------------------------------------------

/** Embeddings that take the place of sentinel tokens in the text: E_p at `annotations`, E_s at `visualPrompts`. */
export interface TextInsert {
  readonly sentinel: "annotations" | "visualPrompts";
  /** `[B, n, D]`; the tokenizer writes n copies of the sentinel. */
  readonly tokens: Tensor;
  /** float32 `[B, n]`; absent means all. Invalid ones are masked out of attention. */
  readonly valid?: Tensor;
}

export interface PrefixInput {
  /** Projected vision tokens `[B, N, D]`, all cameras one after the other. */
  readonly vision: Tensor;
  /** float32 `[B, N]`: 0 for the tokens of a camera that is absent; all real when left out. */
  readonly visionValid?: Tensor;
  /** int64 `[B, T]` and float32 validity `[B, T]`. */
  readonly tokens: Tensor;
  readonly tokenValid: Tensor;
  readonly inserts: readonly TextInsert[];
}

/** Which positions see which: see reference `models.md` §8.6 and §4.3. */
export type AttentionRule =
  /** Everything causal, suffix included. */
  | "causal"
  /** Prefix as pre-trained; suffix segments see the prefix, earlier segments and all of themselves. */
  | "block"
  /** Everything sees everything valid (OpenVLA-OFT). */
  | "full";

/** Tokens appended after the prompt by the action decoder, e.g. action slots or state and noisy actions. */
export interface SuffixSegment {
  /** `[B, n, W]` with W the backbone's `suffixWidth`. */
  readonly tokens: Tensor;
}

/** Keys and values of all layers for positions already processed. */
export interface BackboneCache {
  readonly layers: readonly { readonly keys: Tensor; readonly values: Tensor }[];
  /** float32 `[B, S]`: which cached positions are real. */
  readonly valid: Tensor;
  /** int64 `[B, 1]`: the next position number per sample. */
  readonly nextPosition: Tensor;
  /** Final hidden states of the whole prompt `[B, P, D]`, padding included. */
  readonly prompt: Tensor;
  /** Those `[B, D]` of each sample's last valid prompt token. */
  readonly lastPrompt: Tensor;
}

/** What one pass over prompt and suffix gives: final hidden states per segment and of the prompt's last token. */
export interface BackbonePass {
  readonly suffix: readonly Tensor[];
  /** `[B, D]` of each sample's last valid prompt token. */
  readonly lastPrompt: Tensor;
}

/** A backbone inside one graph. Its parameters are created once and shared by all calls. */
export interface Backbone {
  /** D. */
  readonly width: number;
  /** Width of suffix tokens: D, or the action expert's width. */
  readonly suffixWidth: number;
  /** Positions before the first vision token in the prompt. */
  readonly visionOffset: number;
  /** Prefix and suffix in one pass (training; required for rule "full"). Hidden states after the final norm. */
  run(prefix: PrefixInput, suffix: readonly SuffixSegment[], rule: AttentionRule): BackbonePass;
  /** Prefix only, keeping keys and values: the first half of cached inference. */
  encode(prefix: PrefixInput): BackboneCache;
  /** Suffix on top of a cache, under the rules "causal" or "block"; equals `run` with the same tokens. */
  extend(
    cache: BackboneCache,
    suffix: readonly SuffixSegment[],
    rule: Exclude<AttentionRule, "full">,
  ): { suffix: readonly Tensor[]; cache: BackboneCache };
  /** Token embeddings `[..., D]` of int64 ids. */
  embed(ids: Tensor): Tensor;
  /** Vocabulary logits `[..., V]` of final hidden states. */
  logits(hidden: Tensor): Tensor;
}

/** Text to token ids, on the host. */
export interface TokenizerSpec {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface BackbonePlugin<Options extends z.ZodType = z.ZodType> extends PluginBase<"backbone", Options> {
  /** D, known before building, so that encoders can project to it. */
  width(options: z.output<Options>): number;
  /** Sentinel token ids that `inserts` replace, and the special ids decoders need. */
  specialTokens(options: z.output<Options>): SpecialTokens;
  /** Linear layers LoRA may adapt, as regular expressions over full parameter paths. */
  readonly loraTargets: Readonly<Record<string, string>>;
  build(g: Graph, shape: { readonly batch: number; readonly textLength: number }, options: z.output<Options>): Backbone;
}

export interface SpecialTokens {
  readonly bos: number;
  readonly eos: number;
  readonly pad: number;
  readonly annotations: number;
  readonly visualPrompts: number;
  /** Vocabulary size action tokens count down from (32000 for OpenVLA); absent when the backbone has none. */
  readonly actionVocabulary?: number;
}

// --- Action decoder -------------------------------------------------------------------------------------------------

export interface DecoderContext {
  readonly inputs: PolicyInputs;
  readonly backbone: Backbone;
  readonly prefix: PrefixInput;
  readonly specialTokens: SpecialTokens;
}

export interface DecoderTraining {
  /** Scalar to minimise. */
  readonly loss: Tensor;
  /** Further scalars to report, e.g. `l1`. */
  readonly metrics: Readonly<Record<string, Tensor>>;
}

export interface ActionDecoderPlugin<Options extends z.ZodType = z.ZodType> extends PluginBase<"decoder", Options> {
  /** Training graph: loss against `inputs.actions` weighted by `inputs.actionWeights`. */
  train(g: Graph, context: DecoderContext, options: z.output<Options>): DecoderTraining;
  /** Inference graph: normalised chunk `[B, Nc, A]`; the decoder's sampling procedure, unrolled. */
  predict(g: Graph, context: DecoderContext, options: z.output<Options>): Tensor;
}

// --- Auxiliary losses -----------------------------------------------------------------------------------------------

/** What an auxiliary loss may look at. */
export interface AuxiliaryContext {
  /** `targetMask`, `targetWords` and `waypointState` are there for these losses. */
  readonly inputs: PolicyInputs;
  /** The encoder's features; its deepest level has the geometry of the vision tokens. */
  readonly vision: VisionFeatures;
  /** Projected vision tokens `[B, N, D]`. */
  readonly projected: Tensor;
  readonly backbone: Backbone;
  /** Attention of every backbone layer while the decoder ran; empty when only auxiliary losses train. */
  readonly attention: readonly AttentionRecord[];
  /** Final hidden states `[B, n, W]` of the decoder's action tokens, one of each pass; empty when only auxiliary losses train. */
  readonly actionTokens: readonly Tensor[];
}

/** A loss beside the action loss: it shapes what the parts learn and is gone at inference. Same for every arm of an ablation. */
export interface AuxiliaryPlugin<Options extends z.ZodType = z.ZodType> extends PluginBase<"auxiliary", Options> {
  /** The loss reads the decoder's pass (`attention`, `actionTokens`): it cannot be pretrained with. */
  readonly needsDecoder: boolean;
  build(g: Graph, context: AuxiliaryContext, options: z.output<Options>): DecoderTraining;
}

export type PolicyPlugin =
  | VisionEncoderPlugin
  | ProjectorPlugin
  | PixelEncoderPlugin
  | PromptEncoderPlugin
  | BackbonePlugin
  | ActionDecoderPlugin
  | AuxiliaryPlugin;

export type PolicyPluginKind = PolicyPlugin["kind"];

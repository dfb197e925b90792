import type { z } from "zod";
import { Graph } from "../graph/graph.ts";
import { formatShape, sameShape } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { recordAttention, type AttentionRecord } from "../nn/attention.ts";
import { withLinearRule, type LinearRule } from "../nn/linear.ts";
import { sum } from "../nn/sum.ts";
import { mul } from "../ops/mul.ts";
import type {
  AuxiliaryContext,
  Backbone,
  DecoderContext,
  DecoderTraining,
  PluginBase,
  TextInsert,
  VisionFeatures,
} from "./contracts.ts";
import { incompatible } from "./errors.ts";
import { PolicyInputs, type PolicyShape } from "./inputs.ts";
import { loraRule } from "./lora.ts";
import { quantiseRule } from "./quantise.ts";
import { parseConfig, type PluginReference, type Recipe } from "./recipe.ts";
import type { PluginRegistry } from "./registry.ts";

export interface ComposeOptions {
  readonly batch: number;
  /** `train` gives a loss, `predict` a chunk. */
  readonly mode: "train" | "predict";
  /** Leaves out the pixel and prompt encoders, as stage 1 and text-only inference do. */
  readonly withoutPixelParts?: boolean;
  /** Losses beside the action loss, mode `train` only. */
  readonly auxiliary?: readonly AuxiliaryTask[];
  /** `auxiliary` leaves out the action loss and with it backbone and decoder: pretraining of the encoders. */
  readonly objective?: "policy" | "auxiliary";
}

/** An auxiliary loss by plugin name, with its share in the sum. */
export interface AuxiliaryTask extends PluginReference {
  readonly weight: number;
}

export interface ComposedPolicy {
  readonly graph: Graph;
  readonly recipe: Recipe;
  readonly shape: PolicyShape;
  /** Normalised chunk `[B, Nc, A]`; present in mode `predict`. */
  readonly chunk?: Tensor;
  /** Scalar loss; present in mode `train`. */
  readonly loss?: Tensor;
  readonly metrics: Readonly<Record<string, Tensor>>;
  /** Attention of every backbone layer while the decoder predicted, in order; present in mode `predict`. */
  readonly attention?: readonly AttentionRecord[];
  /** Where the vision tokens stand among the keys of that attention, and their places in the image, row by row. */
  readonly visionTokens: {
    readonly offset: number;
    readonly count: number;
    /** Rows and columns; one row where the tokens are no grid. */
    readonly grid: readonly [number, number];
  };
  /** Placeholder counts the tokenizer must write: Np and Ns. */
  readonly placeholders: { readonly annotations: number; readonly visualPrompts: number };
  /** What passed between the parts, for the studio and `recipe show`. */
  readonly wires: readonly { readonly from: string; readonly to: string; readonly shape: readonly number[] }[];
}

/**
 * Builds the graph of a recipe. Parts are scoped `visionEncoder`, `projector`, `pixelEncoder`, `promptEncoder`,
 * `backbone` and `decoder`; parameters are named under them. Nothing is loaded.
 *
 * @throws PVLA_UNKNOWN_PLUGIN, PVLA_CONFIG, PVLA_INCOMPATIBLE
 */
export function composePolicy(recipe: Recipe, registry: PluginRegistry, options: ComposeOptions): ComposedPolicy {
  const doing = `Composing "${recipe.name}"`;
  const g = new Graph();
  const shape: PolicyShape = {
    batch: options.batch,
    imageHeight: recipe.image.height,
    imageWidth: recipe.image.width,
    textLength: recipe.text.maxTokens,
    promptPoints: recipe.promptPoints,
    chunkSize: recipe.chunkSize,
    actionDim: recipe.actionDim,
    stateDim: recipe.stateDim,
  };
  const inputs = new PolicyInputs(g, shape);
  const wires: ComposedPolicy["wires"][number][] = [];
  const wire = (from: string, to: string, tensor: Tensor) => wires.push({ from, to, shape: tensor.shape });

  const backbonePlugin = registry.get("backbone", recipe.backbone.name, doing);
  const backboneOptions = partOptions(backbonePlugin, recipe.backbone, doing, "backbone");
  const width = backbonePlugin.width(backboneOptions);

  const vision = buildVision(g, inputs, recipe, registry, doing);
  wire("image", "visionEncoder", inputs.image);
  const projectorPlugin = registry.get("projector", recipe.projector.name, doing);
  const projectorOptions = partOptions(projectorPlugin, recipe.projector, doing, "projector");
  const projected = g.within("projector", () => projectorPlugin.build(g, vision.tokens, projectorOptions, width));
  expectShape(
    doing,
    `projector "${projectorPlugin.name}"`,
    projected,
    [shape.batch, vision.tokens.shape[1]!, width],
    recipe.backbone.name,
  );
  wire("visionEncoder", "projector", vision.tokens);
  wire("projector", "backbone", projected);

  const inserts: TextInsert[] = [];
  const placeholders = { annotations: 0, visualPrompts: 0 };
  if (recipe.pixelEncoder !== null && options.withoutPixelParts !== true) {
    const plugin = registry.get("pixelEncoder", recipe.pixelEncoder.name, doing);
    const pixelOptions = partOptions(plugin, recipe.pixelEncoder, doing, "pixelEncoder");
    const tokens = g.within("pixelEncoder", () =>
      plugin.build(g, { levels: vision.levels, mask: inputs.objectMask }, pixelOptions, width),
    );
    placeholders.annotations = plugin.tokenCount(pixelOptions);
    expectShape(
      doing,
      `pixel encoder "${plugin.name}"`,
      tokens,
      [shape.batch, placeholders.annotations, width],
      recipe.backbone.name,
    );
    inserts.push({ sentinel: "annotations", tokens });
    wire("objectMask", "pixelEncoder", inputs.objectMask);
    wire("pixelEncoder", "backbone", tokens);
  }
  if (recipe.promptEncoder !== null && options.withoutPixelParts !== true) {
    const plugin = registry.get("promptEncoder", recipe.promptEncoder.name, doing);
    const promptOptions = partOptions(plugin, recipe.promptEncoder, doing, "promptEncoder");
    const encoded = g.within("promptEncoder", () => plugin.build(g, inputs.prompts, promptOptions, width));
    placeholders.visualPrompts = plugin.tokenCount(promptOptions, shape.promptPoints);
    expectShape(
      doing,
      `prompt encoder "${plugin.name}"`,
      encoded.tokens,
      [shape.batch, placeholders.visualPrompts, width],
      recipe.backbone.name,
    );
    inserts.push({ sentinel: "visualPrompts", ...encoded });
    wire("prompts", "promptEncoder", inputs.prompts.points);
    wire("promptEncoder", "backbone", encoded.tokens);
  }

  const decoderPlugin = registry.get("decoder", recipe.decoder.name, doing);
  const decoderOptions = partOptions(decoderPlugin, recipe.decoder, doing, "decoder");
  const rules: LinearRule[] = [];
  if (recipe.backbone.quantise !== null) rules.push(quantiseRule(recipe.backbone.quantise));
  if (recipe.backbone.lora !== null) rules.push(loraRule(recipe.backbone.lora, backbonePlugin.loraTargets));

  return withLinearRules(g, rules, () => {
    const backbone = g.within("backbone", () =>
      backbonePlugin.build(g, { batch: shape.batch, textLength: shape.textLength }, backboneOptions),
    );
    const actionTokens: Tensor[] = [];
    const context: DecoderContext = {
      inputs,
      backbone: listening(backbone, actionTokens),
      prefix: { vision: projected, tokens: inputs.tokens, tokenValid: inputs.tokenValid, inserts },
      specialTokens: backbonePlugin.specialTokens(backboneOptions),
    };
    wire("tokens", "backbone", inputs.tokens);
    const count = projected.shape[1]!;
    const visionTokens = { offset: backbone.visionOffset, count, grid: gridOf(vision, count) };
    const common = { graph: g, recipe, shape, placeholders, wires, visionTokens };
    if (options.mode === "train") {
      const isPretraining = options.objective === "auxiliary";
      const { result: action, records } = recordAttention(g, () =>
        isPretraining ? undefined : g.within("decoder", () => decoderPlugin.train(g, context, decoderOptions)),
      );
      const auxiliary = { inputs, vision, projected, backbone, attention: records, actionTokens };
      return { ...common, ...withAuxiliary(g, action, auxiliary, options.auxiliary ?? [], registry, doing) };
    }
    const { result: chunk, records } = recordAttention(g, () =>
      g.within("decoder", () => decoderPlugin.predict(g, context, decoderOptions)),
    );
    expectShape(
      doing,
      `decoder "${decoderPlugin.name}"`,
      chunk,
      [shape.batch, shape.chunkSize, shape.actionDim],
      "the recipe",
    );
    wire("decoder", "action", chunk);
    return { ...common, chunk, attention: records, metrics: {} };
  });
}

/** Applies rules inside out: the first replaces the layer, later ones add to its result. */
function withLinearRules<T>(g: Graph, rules: readonly LinearRule[], build: () => T): T {
  const [first, ...rest] = rules;
  return first === undefined ? build() : withLinearRule(g, first, () => withLinearRules(g, rest, build));
}

/** The backbone as the decoder sees it: hands over the hidden states of the last segment, the action tokens, of every pass. */
function listening(backbone: Backbone, heard: Tensor[]): Backbone {
  return {
    width: backbone.width,
    suffixWidth: backbone.suffixWidth,
    visionOffset: backbone.visionOffset,
    embed: (ids) => backbone.embed(ids),
    logits: (hidden) => backbone.logits(hidden),
    encode: (prefix) => backbone.encode(prefix),
    run(...parameters) {
      const pass = backbone.run(...parameters);
      heard.push(...pass.suffix.slice(-1));
      return pass;
    },
    extend(...parameters) {
      const pass = backbone.extend(...parameters);
      heard.push(...pass.suffix.slice(-1));
      return pass;
    },
  };
}

/** The weighted sum of the action loss and the auxiliary ones; each reports its own metrics under its name. */
function withAuxiliary(
  g: Graph,
  action: DecoderTraining | undefined,
  context: AuxiliaryContext,
  tasks: readonly AuxiliaryTask[],
  registry: PluginRegistry,
  doing: string,
): DecoderTraining {
  if (action !== undefined && tasks.length === 0) return action;
  const metrics: Record<string, Tensor> = { ...action?.metrics };
  const losses: Tensor[] = action === undefined ? [] : [action.loss];
  if (action !== undefined) metrics["actionLoss"] = action.loss;
  for (const task of tasks) {
    const plugin = registry.get("auxiliary", task.name, doing);
    if (action === undefined && plugin.needsDecoder) continue;
    const parsed = partOptions(plugin, task, doing, "training.auxiliary");
    const built = g.within(`auxiliary.${task.name}`, () => plugin.build(g, context, parsed));
    losses.push(mul(built.loss, task.weight));
    metrics[task.name] = built.loss;
    for (const [name, value] of Object.entries(built.metrics)) metrics[`${task.name}.${name}`] = value;
  }
  const [first, ...rest] = losses;
  if (first === undefined)
    throw incompatible({
      doing,
      found: "pretraining without an auxiliary loss that can do without the decoder",
      needed: "one",
      fix: `Add one to training.auxiliary, e.g. {name: target}`,
    });
  return { loss: sum([first, ...rest]), metrics };
}

function buildVision(
  g: Graph,
  inputs: PolicyInputs,
  recipe: Recipe,
  registry: PluginRegistry,
  doing: string,
): VisionFeatures {
  const plugin = registry.get("visionEncoder", recipe.visionEncoder.name, doing);
  const options = partOptions(plugin, recipe.visionEncoder, doing, "visionEncoder");
  const [height, width] = plugin.imageSize(options);
  if (height !== recipe.image.height || width !== recipe.image.width) {
    throw incompatible({
      doing,
      found: `vision encoder "${plugin.name}" reads ${height} x ${width} px and the recipe's image is ${recipe.image.height} x ${recipe.image.width} px`,
      needed: "equal sizes",
      fix: `Set image.height to ${height} and image.width to ${width}`,
    });
  }
  return g.within("visionEncoder", () => plugin.build(g, inputs.image, options));
}

/** Rows and columns of the vision tokens: those of a level that has as many places, else a square, else one row. */
function gridOf({ levels }: VisionFeatures, count: number): readonly [number, number] {
  const level = levels.findLast(({ shape }) => shape[1]! * shape[2]! === count);
  if (level !== undefined) return [level.shape[1]!, level.shape[2]!];
  const side = Math.round(Math.sqrt(count));
  return side * side === count ? [side, side] : [1, count];
}

/** Parses a part's options with its own schema; the message names the recipe's key. */
function partOptions<S extends z.ZodType>(
  plugin: PluginBase<string, S>,
  reference: PluginReference,
  doing: string,
  key: string,
): z.output<S> {
  return parseConfig(plugin.options, reference.options, doing, `${key}.options of "${plugin.name}"`);
}

function expectShape(doing: string, part: string, tensor: Tensor, expected: readonly number[], consumer: string): void {
  if (sameShape(tensor.shape, expected)) return;
  throw incompatible({
    doing,
    found: `${part} gives ${formatShape(tensor.shape)}`,
    needed: `${formatShape(expected)} for "${consumer}"`,
    fix: `Change the options of one of the two parts`,
  });
}

import {
  add,
  concat,
  conv,
  expand,
  extractProgram,
  gather,
  gemm,
  Graph,
  groupNorm,
  linear,
  MASKED_LOGIT,
  mul,
  reshape,
  sizeOf,
  slice,
  sub,
  transpose,
  type Program,
  type Tensor,
} from "@pixelvla/core";
import { bertEncoder } from "./bert.ts";
import type { GroundingDinoConfig } from "./config.ts";
import { decode } from "./decoder.ts";
import { featureEnhancer } from "./encoder.ts";
import { pyramid, type Canvas, type Geometry } from "./geometry.ts";
import { selectQueries } from "./query-selection.ts";
import { samplingGrid, tokenCount, type LevelSize } from "./sampling-grid.ts";
import { sineTable, TEXT_TEMPERATURE } from "./sine-embedding.ts";
import { swinBackbone, type SwinMap } from "./swin.ts";

/**
 * The picture's part: `pixels` `[3, H, W]`, normalised, H and W rounded up to whole patches -> `features` `[N, D]`, the
 * feature pyramid before it has met any text. It depends on no text, so one picture is encoded once for many texts.
 */
export function imageProgram(canvas: Pick<Canvas, "height" | "width">, config: GroundingDinoConfig): Program {
  const g = new Graph();
  const patch = config.backbone_config.patch_size;
  const padded = (length: number) => Math.ceil(length / patch) * patch;
  const pixels = g.input("pixels", "float32", [3, padded(canvas.height), padded(canvas.width)]);
  const { d_model: width } = config;
  const features = g.within("model", () => {
    const maps = g.within("backbone.conv_encoder.model", () => swinBackbone(g, pixels, config.backbone_config));
    const levels = maps.map((map, level) => project(g, map, width, level));
    // Coarser levels: the first from the backbone's last map, each further one from the one before.
    let finer = planes(maps.at(-1)!);
    for (let level = maps.length; level < config.num_feature_levels; level++) {
      finer = reduce(g, finer, width, level);
      levels.push(finer);
    }
    return concat(
      levels.map((level) => transpose(reshape(level, [width, sizeOf(level.shape) / width]), [1, 0])),
      0,
    );
  });
  return extractProgram(g, { features });
}

/** 1 x 1 convolution and group norm of a backbone map: tokens `[N, C]` -> planes `[1, D, rows, columns]`. */
function project(g: Graph, { tokens, rows, columns }: SwinMap, width: number, level: number): Tensor {
  const channels = tokens.shape[1]!;
  return g.within(`input_proj_vision.${level}`, () => {
    const projected = g.within("0", () => {
      const weight = g.parameter("weight", [width, channels, 1, 1], { kind: "uniform", bound: channels ** -0.5 });
      const bias = g.parameter("bias", [width], { kind: "zeros" });
      return gemm(reshape(weight, [width, channels]), tokens, reshape(bias, [width, 1]), 0, 1); // [D, N]
    });
    return groupNorm(g, reshape(projected, [1, width, rows, columns]), 32, "1");
  });
}

/** 3 x 3 convolution of stride 2 and group norm: planes of one level -> planes of the next. */
function reduce(g: Graph, x: Tensor, width: number, level: number): Tensor {
  const channels = x.shape[1]!;
  return g.within(`input_proj_vision.${level}`, () => {
    const reduced = g.within("0", () => {
      const weight = g.parameter("weight", [width, channels, 3, 3], {
        kind: "uniform",
        bound: (9 * channels) ** -0.5,
      });
      const bias = g.parameter("bias", [width], { kind: "zeros" });
      return conv(x, weight, bias, { strides: [2, 2], pads: [1, 1, 1, 1] });
    });
    return groupNorm(g, reduced, 32, "1");
  });
}

const planes = ({ tokens, rows, columns }: SwinMap): Tensor =>
  reshape(transpose(tokens, [1, 0]), [1, tokens.shape[1]!, rows, columns]);

export interface TextProgramOptions {
  /** Also gives `textPositions` `[T, D]`, which `detectProgram` takes: for exported models, which have no host code. */
  readonly positionCodes?: boolean;
}

/**
 * The text's part: `ids` and `positions` `[T]` (int64), additive `attention` `[T, T]` -> `features` `[T, D]`, BERT's
 * output projected. `T` is a bucket; padding tokens see themselves only.
 */
export function textProgram(
  length: number,
  config: GroundingDinoConfig,
  { positionCodes = false }: TextProgramOptions = {},
): Program {
  const g = new Graph();
  const ids = g.input("ids", "int64", [length]);
  const positions = g.input("positions", "int64", [length]);
  const attention = g.input("attention", "float32", [length, length]);
  const features = g.within("model", () => {
    const hidden = g.within("text_backbone", () => bertEncoder(g, ids, positions, attention, config.text_config));
    return linear(g, hidden, config.d_model, "text_projection");
  });
  if (!positionCodes) return extractProgram(g, { features });
  const table = sineTable([...Array(length).keys()], config.d_model, TEXT_TEMPERATURE);
  const textPositions = gather(g.constant("float32", [length, config.d_model], table), positions, 0);
  return extractProgram(g, { features, textPositions });
}

/** What `detectProgram` hands out beside its predictions, for tests. */
export interface DetectProgramOptions {
  /** Whether part of the canvas may be padding; without it the masks are left out. */
  readonly padded: boolean;
  /** Also gives `encoderVision`, `encoderText` and `initialBoxes`. */
  readonly inspect?: boolean;
  /** Makes the geometry of one canvas part of the program instead of fed: for exported models. */
  readonly geometry?: Geometry;
}

/**
 * Everything behind the two encoders: features of picture and text, and the geometry of the canvas -> `logits` `[Q, T]`
 * and `boxes` `[Q, 4]`. Logits of padding tokens are large and negative.
 */
export function detectProgram(
  canvas: Pick<Canvas, "height" | "width">,
  length: number,
  config: GroundingDinoConfig,
  { padded, inspect = false, geometry: fixed }: DetectProgramOptions,
): Program {
  const g = new Graph();
  const width = config.d_model;
  const levels = pyramid(canvas, config);
  const n = tokenCount(levels);
  const input = (name: string, shape: readonly number[]) => g.input(name, "float32", shape);
  const place: PlaceInput = (name, shape) =>
    fixed === undefined ? input(name, shape) : g.constant("float32", shape, fixed[name]);
  const vision = input("vision", [n, width]);
  const text = input("text", [length, width]);
  const textPositions = input("textPositions", [length, width]);
  const textAttention = input("textAttention", [length, length]);
  const textMask = input("textMask", [length]);
  const positions = placeCodes(g, levels, width, place);
  const centres = { x: place("centresX", [n, levels.length]), y: place("centresY", [n, levels.length]) };
  const proposals = { logits: place("proposals", [n, 4]), usable: reshape(place("usable", [n]), [n, 1]) };
  const validRatios = place("validRatios", [levels.length, 2]);
  const valid = padded ? place("valid", [n]) : undefined;
  const column = valid === undefined ? undefined : reshape(valid, [n, 1]);

  const encoderGrid = samplingGrid(g, levels, config.encoder_attention_heads, config.encoder_n_points);
  const sameHeads = config.decoder_attention_heads === config.encoder_attention_heads;
  const decoderGrid = samplingGrid(
    g,
    levels,
    config.decoder_attention_heads,
    config.decoder_n_points,
    sameHeads ? encoderGrid.corners : undefined,
  );
  const spread = (centre: Tensor) => gather(centre, encoderGrid.levelOf, 1); // [N, K]
  const enhanced = g.within("model.encoder", () =>
    featureEnhancer(
      g,
      {
        vision,
        text,
        visionPositions: positions,
        textPositions,
        textAttention,
        masks: { text: textMask, vision: valid === undefined ? undefined : mul(sub(1, valid), MASKED_LOGIT) },
        valid: column,
        centres: { x: spread(centres.x), y: spread(centres.y) },
        grid: encoderGrid,
      },
      config,
    ),
  );
  const initialBoxes = g.within("model", () => selectQueries(g, enhanced, proposals, textMask, config));
  const predictions = decode(
    g,
    { ...enhanced, boxes: initialBoxes, textMask, valid: column, validRatios, grid: decoderGrid },
    config,
  );
  const inside = { encoderVision: enhanced.vision, encoderText: enhanced.text, initialBoxes };
  return extractProgram(g, inspect ? { ...predictions, ...inside } : { ...predictions });
}

/** One array of a canvas's geometry, fed or constant. */
type PlaceInput = (name: keyof Geometry, shape: readonly number[]) => Tensor;

/** Sine codes of places plus the embedding of their level: `[N, D]`, rows in the first half, columns in the second. */
function placeCodes(g: Graph, levels: readonly LevelSize[], width: number, place: PlaceInput): Tensor {
  const half = width / 2;
  const sum = (axis: "rows" | "columns", to = levels.length) =>
    levels.slice(0, to).reduce((n, level) => n + level[axis], 0);
  const rowCodes = place("rowCodes", [sum("rows"), half]);
  const columnCodes = place("columnCodes", [sum("columns"), half]);
  const embedding = g.parameter("model.level_embed", [levels.length, width], { kind: "normal", std: 1 });
  return concat(
    levels.map(({ rows, columns }, l) => {
      const part = (codes: Tensor, axis: "rows" | "columns") =>
        slice(codes, 0, sum(axis, l), sum(axis, l) + levels[l]![axis]);
      const down = expand(reshape(part(rowCodes, "rows"), [rows, 1, half]), [rows, columns, half]);
      const across = expand(reshape(part(columnCodes, "columns"), [1, columns, half]), [rows, columns, half]);
      const codes = reshape(concat([down, across], 2), [rows * columns, width]);
      return add(codes, slice(embedding, 0, l, l + 1));
    }),
    0,
  );
}

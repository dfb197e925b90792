import type { OnnxSignature } from "@pixelvla/engines";

/** Sizes of a Siamese tracker's two files, read from their shapes. */
export interface SiameseShape {
  readonly backbone: { readonly input: string; readonly output: string };
  /** `template` and `search` are the inputs with the small and the large map. */
  readonly head: {
    readonly template: string;
    readonly search: string;
    readonly scores: string;
    readonly offsets: string;
  };
  /** Side of a crop, pixels. */
  readonly cropPx: number;
  readonly channels: number;
  /** Sides of the backbone's map of a crop, of the template's, and of the answer. */
  readonly mapSide: number;
  readonly templateSide: number;
  readonly answerSide: number;
}

export const SIAMESE_FORM =
  "float32[1, 3, S, S] -> float32[1, C, M, M] and float32[1, C, T, T], float32[1, C, M, M] -> float32[1, 2, R, R], float32[1, 4, R, R] (NanoTrack)";

/** Reads the form off two files in this order; undefined when they are something else. */
export function siameseShape(backbone: OnnxSignature, head: OnnxSignature): SiameseShape | undefined {
  const [image] = backbone.inputs;
  const [map] = backbone.outputs;
  if (backbone.inputs.length !== 1 || backbone.outputs.length !== 1 || head.inputs.length !== 2) return undefined;
  const [, colours, cropPx] = square(image?.shape) ?? [];
  const [, channels, mapSide] = square(map?.shape) ?? [];
  const inputs = head.inputs.map(({ name, shape }) => ({ name, size: square(shape) }));
  const search = inputs.find(({ size }) => size?.[2] === mapSide);
  const template = inputs.find((input) => input !== search);
  const outputs = head.outputs.map(({ name, shape }) => ({ name, size: square(shape) }));
  const scores = outputs.find(({ size }) => size?.[1] === 2);
  const offsets = outputs.find(({ size }) => size?.[1] === 4);
  const templateSide = template?.size?.[2];
  const answerSide = scores?.size?.[2];
  if (colours !== 3 || image === undefined || map === undefined || cropPx === undefined || channels === undefined)
    return undefined;
  if (mapSide === undefined || search?.size?.[1] !== channels || template?.size?.[1] !== channels) return undefined;
  if (templateSide === undefined || templateSide >= mapSide || scores === undefined || offsets === undefined)
    return undefined;
  if (answerSide === undefined || offsets.size?.[2] !== answerSide) return undefined;
  return {
    backbone: { input: image.name, output: map.name },
    head: { template: template.name, search: search.name, scores: scores.name, offsets: offsets.name },
    cropPx,
    channels,
    mapSide,
    templateSide,
    answerSide,
  };
}

/** `[B, C, side]` of a shape `[B, C, side, side]` of whole numbers. */
function square(shape: readonly (number | string)[] | undefined): readonly [number, number, number] | undefined {
  const [batch, channels, height, width] = shape ?? [];
  const isSquare = shape?.length === 4 && typeof height === "number" && height === width;
  return isSquare && typeof batch === "number" && typeof channels === "number" ? [batch, channels, height] : undefined;
}

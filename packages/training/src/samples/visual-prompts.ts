import { POINT_LABEL } from "@pixelvla/core";
import type { Random } from "@pixelvla/core";
import { decodeCocoRle, type BinaryMask, type FrameAnnotation } from "@pixelvla/data";
import { contentBox, type ImageFit } from "./fit-image.ts";

/** Kinds of visual prompt a sample may be given. */
export const PROMPT_KINDS = ["point", "line", "box", "mask"] as const;
export type PromptKind = (typeof PROMPT_KINDS)[number];

/** The target object of a frame, mapped like the policy's image. */
export interface SampleAnnotation {
  /** What the object is called, e.g. "red cube". */
  readonly phrase: string;
  /** `[H, W]` in {0, 1}. */
  readonly mask: Uint8Array;
  /** Prompt points of each kind: x and y in [0, 1] of the fitted image and their labels. */
  readonly prompts: Readonly<Record<Exclude<PromptKind, "mask">, readonly PromptPoint[]>>;
}

export interface PromptPoint {
  readonly x: number;
  readonly y: number;
  readonly label: number;
}

/** Points a line prompt is sampled into. Source: reference `models.md` §8.4. */
const LINE_POINTS = 8;

/** Where a pixel of the camera's image lands in the fitted one: scale and offset, in pixels; the very box `fitImage` fills. */
function mapOf(widthPx: number, heightPx: number, fit: ImageFit) {
  const box = contentBox(widthPx, heightPx, fit);
  return { sx: box.width / widthPx, sy: box.height / heightPx, dx: box.x, dy: box.y };
}

/** Maps a mask by the same geometry as the image, nearest pixel; `[H, W]` in {0, 1}. */
export function fitMask(source: BinaryMask, fit: ImageFit): Uint8Array {
  const { sx, sy, dx, dy } = mapOf(source.widthPx, source.heightPx, fit);
  const mask = new Uint8Array(fit.width * fit.height);
  for (let y = 0; y < fit.height; y++) {
    const sourceY = Math.floor((y + 0.5 - dy) / sy);
    if (sourceY < 0 || sourceY >= source.heightPx) continue;
    for (let x = 0; x < fit.width; x++) {
      const sourceX = Math.floor((x + 0.5 - dx) / sx);
      if (sourceX >= 0 && sourceX < source.widthPx)
        mask[y * fit.width + x] = source.data[sourceY * source.widthPx + sourceX]! === 0 ? 0 : 1;
    }
  }
  return mask;
}

/** Maps pixel positions of an image of that size to fractions of the fitted image. */
export function pointMapper(widthPx: number, heightPx: number, fit: ImageFit) {
  const { sx, sy, dx, dy } = mapOf(widthPx, heightPx, fit);
  return (xPx: number, yPx: number, label: number): PromptPoint => ({
    x: ((xPx + 0.5) * sx + dx) / fit.width,
    y: ((yPx + 0.5) * sy + dy) / fit.height,
    label,
  });
}

/** Maps an annotation by the same geometry as the image; undefined where the frame has no mask. */
export function fitAnnotation(annotation: FrameAnnotation | undefined, fit: ImageFit): SampleAnnotation | undefined {
  if (annotation?.mask === undefined || annotation.review === "rejected") return undefined;
  const source = decodeCocoRle(annotation.mask);
  const at = pointMapper(source.widthPx, source.heightPx, fit);
  const { points, lines, box } = annotation;
  return {
    phrase: annotation.phrase,
    mask: fitMask(source, fit),
    prompts: {
      point: points.map(({ x, y, isObject }) => at(x, y, isObject ? POINT_LABEL.positive : POINT_LABEL.negative)),
      line: (lines[0] === undefined ? [] : linePoints(lines[0])).map(([x, y]) => at(x, y, POINT_LABEL.positive)),
      box:
        box === undefined
          ? []
          : [at(box.x0, box.y0, POINT_LABEL.boxTopLeft), at(box.x1 - 1, box.y1 - 1, POINT_LABEL.boxBottomRight)],
    },
  };
}

/** `LINE_POINTS` points at equal distances along a polyline. */
export function linePoints(line: readonly (readonly [number, number])[]): [number, number][] {
  const lengths = line.slice(1).map(([x, y], i) => Math.hypot(x - line[i]![0], y - line[i]![1]));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  return Array.from({ length: LINE_POINTS }, (_, k): [number, number] => {
    let rest = (total * k) / (LINE_POINTS - 1);
    let segment = 0;
    while (segment < lengths.length - 1 && rest > lengths[segment]!) rest -= lengths[segment++]!;
    const [from, to] = [line[segment]!, line[segment + 1] ?? line[segment]!];
    const share = lengths[segment] === 0 || lengths[segment] === undefined ? 0 : rest / lengths[segment]!;
    return [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])];
  });
}

/** How samples are prompted during training. */
export interface PromptOptions {
  readonly kinds: readonly PromptKind[];
  /** Share of visits without mask and prompt, so that the plain template keeps working. */
  readonly dropout: number;
  /** Spread of a random shift of mask and prompts, in px of the fitted image. */
  readonly jitterPx: number;
}

/** What one visit of a sample shows the policy. */
export interface VisitPrompt {
  readonly mask: Uint8Array;
  readonly points: readonly PromptPoint[];
  /** Whether the mask is also given as prompt. */
  readonly isMaskPrompt: boolean;
}

/** Draws what a visit shows: nothing (dropout), or the mask with one kind of prompt, shifted. Undefined for nothing. */
export function drawPrompt(
  annotation: SampleAnnotation | undefined,
  { kinds, dropout, jitterPx }: PromptOptions,
  { width, height }: ImageFit,
  random: Random,
): VisitPrompt | undefined {
  const isDropped = random.uniform() < dropout;
  const kind = kinds[random.integer(kinds.length)]!;
  const [dx, dy] = [Math.round(random.normal() * jitterPx), Math.round(random.normal() * jitterPx)];
  if (annotation === undefined || isDropped) return undefined;
  const points = kind === "mask" ? [] : annotation.prompts[kind];
  return {
    mask: dx === 0 && dy === 0 ? annotation.mask : shifted(annotation.mask, width, height, dx, dy),
    points: points.map(({ x, y, label }) => ({ x: x + dx / width, y: y + dy / height, label })),
    isMaskPrompt: kind === "mask",
  };
}

function shifted(mask: Uint8Array, width: number, height: number, dx: number, dy: number): Uint8Array {
  const result = new Uint8Array(mask.length);
  for (let y = Math.max(0, dy); y < Math.min(height, height + dy); y++)
    for (let x = Math.max(0, dx); x < Math.min(width, width + dx); x++)
      result[y * width + x] = mask[(y - dy) * width + (x - dx)]!;
  return result;
}

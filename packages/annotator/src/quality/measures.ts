import { maskArea, maskBox, type BinaryMask, type PixelBox } from "@pixelvla/data";
import { editDistance } from "../object/words.ts";

/** Distance from a mask to a box in sizes of the box (its longer side): 0 where they touch or overlap. */
export function distanceInBoxSizes(mask: BinaryMask, box: PixelBox): number | undefined {
  const around = maskBox(mask);
  if (around === undefined) return undefined;
  const size = Math.max(box.x1 - box.x0, box.y1 - box.y0);
  if (size <= 0) return undefined;
  const gap = (a0: number, a1: number, b0: number, b1: number) => Math.max(0, b0 - a1, a0 - b1);
  return Math.hypot(gap(around.x0, around.x1, box.x0, box.x1), gap(around.y0, around.y1, box.y0, box.y1)) / size;
}

/** What `stabilities` needs of a mask, so that masks need not be kept. */
export interface MaskShape {
  readonly area: number;
  /** Centre of the box, pixels. */
  readonly x: number;
  readonly y: number;
}

/** Area and place of a mask; undefined for an empty one. */
export function maskShape(mask: BinaryMask): MaskShape | undefined {
  const box = maskBox(mask);
  if (box === undefined) return undefined;
  return { area: maskArea(mask), x: (box.x0 + box.x1) / 2, y: (box.y0 + box.y1) / 2 };
}

/**
 * Stability of every frame, 0..1: how little area and place change towards the neighbouring frames that have a mask. The
 * change of area is the smaller area over the greater; a move counts in widths of a square of the mask's area, one width
 * costing half. Undefined for frames without mask, 1 for a mask without neighbours.
 */
export function stabilities(shapes: readonly (MaskShape | undefined)[]): (number | undefined)[] {
  return shapes.map((shape, t) => {
    if (shape === undefined) return undefined;
    const neighbours = [shapes[t - 1], shapes[t + 1]].filter((one) => one !== undefined);
    if (neighbours.length === 0) return 1;
    const each = neighbours.map((other) => {
      const area = Math.min(shape.area, other.area) / Math.max(shape.area, other.area);
      const widths = Math.hypot(shape.x - other.x, shape.y - other.y) / Math.sqrt(Math.max(shape.area, other.area));
      return area / (1 + widths);
    });
    return each.reduce((sum, value) => sum + value, 0) / each.length;
  });
}

/** How well a detector's label fits the phrase asked for, 0..1: the share of the phrase's words in the label. */
export function phraseMatch(label: string, phrase: string): number {
  const words = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const [given, wanted] = [words(label), words(phrase)];
  if (wanted.length === 0) return 0;
  const isThere = (word: string) => given.some((other) => editDistance(word, other) <= (word.length > 4 ? 1 : 0));
  return wanted.filter(isThere).length / wanted.length;
}

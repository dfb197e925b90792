import { decodeCocoRle, type BinaryMask, type PointPrompt } from "@pixelvla/data";
import type { SegmentRequest, WireMask } from "@pixelvla/studio-contract";
import type { SegmentQuestion } from "./segment-messages.ts";

/** Points taken along one stroke. */
const POINTS_A_LINE = 7;

/** What a person has drawn as the prompt of a segmenter: segmenters know points, boxes and masks, so a stroke becomes points along it. */
export function promptOf({
  points,
  box,
  lines,
  mask,
}: SegmentRequest): Extract<SegmentQuestion, { kind: "segment" }>["prompt"] {
  const along = lines.flatMap((line) => pointsAlong(line, POINTS_A_LINE));
  return { points: [...points, ...along], box, mask: mask === undefined ? undefined : maskOf(mask, "the mask given") };
}

/** A mask from the wire. @throws PVLA_MASK_DECODE */
export const maskOf = (mask: WireMask, where: string): BinaryMask => decodeCocoRle(mask, where);

/** `n` points evenly spaced along a polyline, its ends among them, as whole pixels. */
export function pointsAlong(line: readonly (readonly [number, number])[], n: number): PointPrompt[] {
  const lengths = line.slice(1).map(([x, y], i) => Math.hypot(x - line[i]![0], y - line[i]![1]));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  return Array.from({ length: n }, (_, i) => {
    let rest = (total * i) / Math.max(1, n - 1);
    let segment = 0;
    while (segment < lengths.length - 1 && rest > lengths[segment]!) rest -= lengths[segment++]!;
    const share = lengths[segment]! > 0 ? Math.min(1, rest / lengths[segment]!) : 0;
    const [from, to] = [line[segment]!, line[segment + 1]!];
    return {
      x: Math.round(from[0] + share * (to[0] - from[0])),
      y: Math.round(from[1] + share * (to[1] - from[1])),
      isObject: true,
    };
  });
}

import { maskArea, maskBox, maskIou, type BinaryMask, type PixelBox, type RgbImage } from "@pixelvla/data";
import type { MaskCandidate, SegmentPrompt } from "../contracts.ts";
import { badPrompt } from "../errors.ts";
import { boxIou, within } from "./boxes.ts";
import type { YoloScene } from "./yolo-seg.ts";

/** Finds every instance in a picture. */
export type Look = (image: RgbImage) => Promise<YoloScene>;

/** A choice by a box whose mask fits it worse than this, in IoU of the boxes, is worth a closer look. */
const POOR_FIT = 0.5;
/** A choice by points that covers more of the picture than this is likely to be what the object lies on. */
const LARGE = 0.1;
/** Side of a close-up, in longer sides of the prompt's box. */
const CLOSE_UP = 3;
/** Sides of the close-ups for points, whose object may be of any size, as shares of the picture's shorter side. */
const CLOSE_UPS = [0.5, 0.3];

/**
 * FastSAM's prompts: a box takes the mask with the highest IoU with it, points the smallest mask that holds every positive and
 * no negative one, a mask the one with the highest IoU. Where that leaves nothing that fits, the model looks again at a close-up
 * of the prompted place, where points take the most certain mask that holds them: objects of a few pixels of its input are missed in
 * the whole picture, and parts of them are found in a close-up. An empty mask with score 0 where nothing fits even there.
 */
export async function choose(
  image: RgbImage,
  scene: YoloScene,
  prompt: SegmentPrompt,
  look: Look,
): Promise<MaskCandidate[]> {
  const { points = [], box, mask } = prompt;
  if (box === undefined && mask === undefined && !points.some(({ isObject }) => isObject))
    throw badPrompt("no prompt", "Give a point on the object, a box, or a mask");
  let fitting = ranked(masksOf(scene), image, prompt);
  for (const closeUp of closeUps(image, prompt)) {
    if (!isPoor(fitting[0], prompt)) break;
    const closer = ranked(await masksIn(image, closeUp, look), image, prompt);
    if (prompt.box === undefined && prompt.mask === undefined) closer.sort((a, b) => b.score - a.score);
    if (!isPoor(closer[0], prompt) || fitting.length === 0) fitting = [...closer, ...fitting];
  }
  if (fitting.length === 0) return [{ mask: emptyMask(image), score: 0 }];
  return fitting;
}

const masksOf = ({ instances, mask }: YoloScene): MaskCandidate[] =>
  instances.map((instance) => ({ score: instance.score, mask: mask(instance) }));

/** Those that fit the prompt, best first. */
function ranked(candidates: readonly MaskCandidate[], image: RgbImage, prompt: SegmentPrompt): MaskCandidate[] {
  const { points = [], box, mask: rough } = prompt;
  const { widthPx, heightPx } = image;
  const holds = ({ data }: BinaryMask, x: number, y: number) => {
    const [column, row] = [Math.floor(x), Math.floor(y)];
    return data[Math.min(heightPx - 1, Math.max(0, row)) * widthPx + Math.min(widthPx - 1, Math.max(0, column))] === 1;
  };
  const target = rough ?? (box === undefined ? undefined : filledBox(box, widthPx, heightPx));
  return candidates
    .filter(({ mask }) => points.every(({ x, y, isObject }) => holds(mask, x, y) === isObject))
    .map((candidate) => ({
      candidate,
      rank: target === undefined ? -maskArea(candidate.mask) : maskIou(candidate.mask, target),
    }))
    .filter(({ rank }) => target === undefined || rank > 0)
    .sort((a, b) => b.rank - a.rank)
    .map(({ candidate }) => candidate);
}

/** Whether the best choice is none, or hardly what was meant. A rough mask is taken as it is answered. */
function isPoor(best: MaskCandidate | undefined, { box, mask }: SegmentPrompt): boolean {
  if (best === undefined) return true;
  if (mask !== undefined) return false;
  const around = maskBox(best.mask);
  if (box !== undefined) return around === undefined || boxIou(around, box) < POOR_FIT;
  return maskArea(best.mask) > LARGE * best.mask.data.length;
}

/** Squares about the prompted place, larger first; none where they would be the whole picture. */
function closeUps({ widthPx, heightPx }: RgbImage, { points = [], box, mask }: SegmentPrompt): PixelBox[] {
  const shorter = Math.min(widthPx, heightPx);
  const place = box ?? (mask === undefined ? undefined : maskBox(mask)) ?? pointBox(points);
  if (place === undefined) return [];
  const longer = Math.max(place.x1 - place.x0, place.y1 - place.y0);
  const sides =
    box === undefined && mask === undefined
      ? CLOSE_UPS.map((share) => Math.max(share * shorter, 1.5 * longer))
      : [CLOSE_UP * longer];
  return sides
    .filter((side) => side >= 8 && side < shorter)
    .map((side) => square((place.x0 + place.x1) / 2, (place.y0 + place.y1) / 2, Math.round(side), widthPx, heightPx));
}

/** A square of whole pixels about a point, moved into the picture. */
function square(cx: number, cy: number, side: number, widthPx: number, heightPx: number): PixelBox {
  const x0 = Math.min(widthPx - side, Math.max(0, Math.round(cx - side / 2)));
  const y0 = Math.min(heightPx - side, Math.max(0, Math.round(cy - side / 2)));
  return within({ x0, y0, x1: x0 + side, y1: y0 + side }, widthPx, heightPx);
}

function pointBox(points: NonNullable<SegmentPrompt["points"]>): PixelBox | undefined {
  const on = points.filter(({ isObject }) => isObject);
  if (on.length === 0) return undefined;
  const [xs, ys] = [on.map(({ x }) => x), on.map(({ y }) => y)];
  return { x0: Math.min(...xs), y0: Math.min(...ys), x1: Math.max(...xs), y1: Math.max(...ys) };
}

/** Masks found in a part of a picture, in the whole picture's pixels. */
async function masksIn(image: RgbImage, part: PixelBox, look: Look): Promise<MaskCandidate[]> {
  const { widthPx, heightPx } = image;
  const [w, h] = [part.x1 - part.x0, part.y1 - part.y0];
  const data = new Uint8Array(3 * w * h);
  for (let y = 0; y < h; y++) {
    const from = 3 * ((part.y0 + y) * widthPx + part.x0);
    data.set(image.data.subarray(from, from + 3 * w), 3 * y * w);
  }
  return masksOf(await look({ widthPx: w, heightPx: h, data })).map(({ mask, score }) => {
    const whole = emptyMask(image);
    for (let y = 0; y < h; y++)
      whole.data.set(mask.data.subarray(y * w, (y + 1) * w), (part.y0 + y) * widthPx + part.x0);
    return { mask: { ...whole, widthPx, heightPx }, score };
  });
}

const emptyMask = ({ widthPx, heightPx }: { widthPx: number; heightPx: number }): BinaryMask => ({
  widthPx,
  heightPx,
  data: new Uint8Array(widthPx * heightPx),
});

function filledBox({ x0, y0, x1, y1 }: PixelBox, widthPx: number, heightPx: number): BinaryMask {
  const mask = emptyMask({ widthPx, heightPx });
  for (let y = Math.max(0, Math.floor(y0)); y < Math.min(heightPx, y1); y++)
    mask.data.fill(
      1,
      y * widthPx + Math.max(0, Math.floor(x0)),
      y * widthPx + Math.max(0, Math.min(widthPx, Math.ceil(x1))),
    );
  return mask;
}

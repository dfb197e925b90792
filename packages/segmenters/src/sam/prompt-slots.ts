import type { PixelBox } from "@pixelvla/data";
import type { SegmentPrompt } from "../contracts.ts";
import { badPrompt } from "../errors.ts";
import { toFrame, type ImageFrame } from "../image/frame.ts";
import { SAM_LABEL } from "./prompt-encoder.ts";

/** Points and labels as the decoder takes them, `slots` of them. */
export interface PromptSlots {
  readonly points: Float32Array;
  readonly labels: Float32Array;
  readonly slots: number;
}

/** Slots of the smallest decoder, a click's or a box's; each further one has twice as many. Every slot costs time. */
const FEWEST_SLOTS = 2;

/**
 * Arranges points and the corners of a box in slots: points in the model's pixels; without a box one "not a point" follows them,
 * as the original does. Slots that are left over are hidden from attention.
 */
export function promptSlots({ points = [], box }: SegmentPrompt, frame: ImageFrame): PromptSlots {
  const entries: [x: number, y: number, label: number][] = points.map(({ x, y, isObject }) => [
    ...toFrame(frame, x, y),
    isObject ? SAM_LABEL.positive : SAM_LABEL.negative,
  ]);
  if (box !== undefined) {
    entries.push([...toFrame(frame, box.x0, box.y0), SAM_LABEL.boxTopLeft]);
    entries.push([...toFrame(frame, box.x1, box.y1), SAM_LABEL.boxBottomRight]);
  } else if (points.length > 0) {
    entries.push([0, 0, SAM_LABEL.notAPoint]);
  }
  let slots = FEWEST_SLOTS;
  while (slots < entries.length) slots *= 2;
  const arranged = {
    points: new Float32Array(slots * 2),
    labels: new Float32Array(slots).fill(SAM_LABEL.unused),
    slots,
  };
  entries.forEach(([x, y, label], i) => {
    arranged.points.set([x, y], 2 * i);
    arranged.labels[i] = label;
  });
  return arranged;
}

/** Most points of one prompt; a decoder is compiled for every doubling. */
const MAX_POINTS = 1000;

/**
 * Checks a prompt against a picture: at least one part, points inside, a box that overlaps the picture (it is cut to it), a
 * mask of the picture's size with something in it.
 * @throws PVLA_SEGMENT_PROMPT
 */
export function checkPrompt(
  prompt: SegmentPrompt,
  { widthPx, heightPx }: { widthPx: number; heightPx: number },
): SegmentPrompt {
  const { points = [], box, mask } = prompt;
  const size = `a picture of ${widthPx}x${heightPx} px`;
  if (points.length === 0 && box === undefined && mask === undefined)
    throw badPrompt("a prompt without points, box or mask", "Give at least one of them");
  if (points.length > MAX_POINTS) throw badPrompt(`${points.length} points`, `Give at most ${MAX_POINTS}`);
  for (const { x, y } of points)
    if (!(x >= 0 && x <= widthPx && y >= 0 && y <= heightPx))
      throw badPrompt(`the point (${x}, ${y}) outside ${size}`, "Give points inside the picture, in its pixels");
  if (mask !== undefined) {
    if (mask.widthPx !== widthPx || mask.heightPx !== heightPx || mask.data.length !== widthPx * heightPx)
      throw badPrompt(
        `a mask of ${mask.widthPx}x${mask.heightPx} px with ${mask.data.length} values for ${size}`,
        "Give a mask of the picture's size",
      );
    if (!mask.data.includes(1))
      throw badPrompt("a mask without a single pixel", "Leave the mask out, or mark the object in it");
  }
  return box === undefined ? prompt : { ...prompt, box: cutBox(box, widthPx, heightPx, size) };
}

function cutBox(box: PixelBox, widthPx: number, heightPx: number, size: string): PixelBox {
  const { x0, y0, x1, y1 } = box;
  const shown = `the box (${x0}, ${y0})-(${x1}, ${y1})`;
  if (!(x1 > x0 && y1 > y0))
    throw badPrompt(`${shown} without an area`, "Give the top left corner first, then the bottom right");
  if (x0 >= widthPx || y0 >= heightPx || x1 <= 0 || y1 <= 0)
    throw badPrompt(`${shown} outside ${size}`, "Give a box that overlaps the picture");
  return { x0: Math.max(x0, 0), y0: Math.max(y0, 0), x1: Math.min(x1, widthPx), y1: Math.min(y1, heightPx) };
}

import type { SegmentPrompt } from "../contracts.ts";
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

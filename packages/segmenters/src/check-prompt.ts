import type { PixelBox } from "@pixelvla/data";
import type { SegmentPrompt } from "./contracts.ts";
import { badPrompt } from "./errors.ts";

/** Most points of one prompt; a decoder is compiled for every doubling. */
const MAX_POINTS = 1000;

/**
 * Checks a prompt against a picture: at least one part, points inside, a box that overlaps the picture (it is cut to it), a
 * mask of the picture's size with something in it. In video a mask may be empty (`emptyMask`): the object is not there.
 * @throws PVLA_SEGMENT_PROMPT
 */
export function checkPrompt(
  prompt: SegmentPrompt,
  { widthPx, heightPx }: { widthPx: number; heightPx: number },
  { emptyMask = false }: { readonly emptyMask?: boolean } = {},
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
    if (!emptyMask && !mask.data.includes(1))
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

import type { BinaryMask } from "@pixelvla/data";
import type { SegmentPrompt } from "../contracts.ts";
import { badPrompt } from "../errors.ts";
import { toFrame, type ImageFrame } from "../image/frame.ts";
import { PROMPT_LABEL } from "./graph/prompt-encoder.ts";

/** Prompt tokens as the decoder takes them, padded to `labels.length`. */
export interface PromptTokens {
  /** x, y in the model's pixels. */
  readonly points: Float32Array;
  readonly labels: Float32Array;
  /** 1 for real tokens, 0 for padding. */
  readonly valid: Float32Array;
  /** Points given, a box counted as two: decides between one mask and several. */
  readonly nPoints: number;
}

/** Least number of tokens a decoder is compiled for; more double it. A click takes 2, a box 3. Every token costs time. */
const LEAST_TOKENS = 2;

/** Tokens of a prompt's points and box; without either, the two "not a point" tokens that transformers feeds. */
export function promptTokens({ points = [], box }: SegmentPrompt, frame: ImageFrame): PromptTokens {
  const tokens: [number, number, number][] = [];
  if (box !== undefined) {
    tokens.push([...toFrame(frame, box.x0, box.y0), PROMPT_LABEL.boxTopLeft]);
    tokens.push([...toFrame(frame, box.x1, box.y1), PROMPT_LABEL.boxBottomRight]);
  }
  for (const { x, y, isObject } of points)
    tokens.push([...toFrame(frame, x, y), isObject ? PROMPT_LABEL.object : PROMPT_LABEL.background]);
  const nPoints = tokens.length;
  if (nPoints === 0) tokens.push([0, 0, PROMPT_LABEL.notAPoint]);
  tokens.push([0, 0, PROMPT_LABEL.notAPoint]);
  let count = LEAST_TOKENS;
  while (count < tokens.length) count *= 2;
  const padded = {
    points: new Float32Array(2 * count),
    labels: new Float32Array(count).fill(PROMPT_LABEL.notAPoint),
    valid: new Float32Array(count),
    nPoints,
  };
  tokens.forEach(([x, y, label], i) => {
    padded.points.set([x, y], 2 * i);
    padded.labels[i] = label;
    padded.valid[i] = 1;
  });
  return padded;
}

interface PictureSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** @throws PVLA_SEGMENT_PROMPT for a prompt that asks nothing, or about something outside the picture */
export function checkPrompt({ points = [], box, mask }: SegmentPrompt, { widthPx, heightPx }: PictureSize): void {
  const size = `${widthPx}x${heightPx}`;
  if (points.length === 0 && box === undefined && mask === undefined)
    throw badPrompt("no point, no box and no mask", "Give at least one of them");
  for (const { x, y } of points) {
    // Pixel centres and edges both count as inside.
    if (!(x >= 0 && y >= 0 && x <= widthPx && y <= heightPx))
      throw badPrompt(
        `a point at (${x}, ${y}) outside the picture of ${size} px`,
        "Give points inside the picture, in its pixels",
      );
  }
  if (box !== undefined) {
    const { x0, y0, x1, y1 } = box;
    const text = `a box from (${x0}, ${y0}) to (${x1}, ${y1})`;
    if (!(x1 > x0 && y1 > y0))
      throw badPrompt(`${text}, which holds no pixel`, "Give the top-left corner first, in pixels");
    if (!(x0 < widthPx && y0 < heightPx && x1 > 0 && y1 > 0))
      throw badPrompt(`${text} outside the picture of ${size} px`, "Give a box that meets the picture, in its pixels");
  }
  if (mask !== undefined) checkMask(mask, { widthPx, heightPx });
}

function checkMask({ widthPx, heightPx, data }: BinaryMask, size: PictureSize): void {
  if (widthPx !== size.widthPx || heightPx !== size.heightPx || data.length !== widthPx * heightPx)
    throw badPrompt(
      `a mask of ${widthPx}x${heightPx} px (${data.length} values) for a picture of ${size.widthPx}x${size.heightPx} px`,
      "Give a mask of the picture's own size",
    );
}

import type { SegmentPrompt } from "../contracts.ts";
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

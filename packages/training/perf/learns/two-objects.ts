import { POINT_LABEL, Random, type Recipe } from "@pixelvla/core";
import type { Sample } from "../../src/samples/sample-store.ts";

/** A picture with two objects, one of them meant; the action points at it. */
export interface TwoObjects {
  readonly sample: Sample;
  /** Centres as fractions of the image: the meant one, then the other. */
  readonly meant: readonly [x: number, y: number];
  readonly other: readonly [x: number, y: number];
}

const COLOURS = [
  [220, 60, 50],
  [40, 90, 220],
] as const;

/**
 * Draws a red and a blue square on noise and gives the picture twice, each object meant once: same picture, same
 * instruction, nothing but the object mask and the prompt differs. A policy that does not see those answers both alike, so
 * it cannot be right more often than half the time. Actions 0 and 1 of every step are the meant centre in [-1, 1].
 */
export function drawTwoObjects(recipe: Recipe, random: Random): [TwoObjects, TwoObjects] {
  const { height, width } = recipe.image;
  const side = Math.round(width / 6);
  const place = (): Corner => [random.integer(width - side), random.integer(height - side)];
  const red = place();
  let blue = place();
  while (Math.abs(red[0] - blue[0]) < 2 * side && Math.abs(red[1] - blue[1]) < 2 * side) blue = place();
  const image = Uint8Array.from({ length: height * width * 3 }, () => 90 + random.integer(20));
  [red, blue].forEach((corner, i) => {
    for (const pixel of pixelsOf(corner, side, width)) image.set(COLOURS[i]!, pixel * 3);
  });
  const centre = ([left, top]: Corner) => [(left + side / 2) / width, (top + side / 2) / height] as const;
  const meaning = (meant: Corner, other: Corner): TwoObjects => ({
    meant: centre(meant),
    other: centre(other),
    sample: sampleOf(recipe, image, pixelsOf(meant, side, width), centre(meant), side / 2 / width),
  });
  return [meaning(red, blue), meaning(blue, red)];
}

type Corner = readonly [left: number, top: number];

function pixelsOf([left, top]: Corner, side: number, width: number): number[] {
  return Array.from({ length: side * side }, (_, i) => (top + Math.floor(i / side)) * width + left + (i % side));
}

/** `half`: half the object's side, as a fraction of the image. */
function sampleOf(
  { image: { height, width }, chunkSize, actionDim, stateDim }: Recipe,
  image: Uint8Array,
  pixels: readonly number[],
  [x, y]: readonly [number, number],
  half: number,
): Sample {
  const mask = new Uint8Array(height * width);
  for (const pixel of pixels) mask[pixel] = 1;
  const actions = new Float32Array(chunkSize * actionDim);
  for (let k = 0; k < chunkSize; k++) actions.set([2 * x - 1, 2 * y - 1], k * actionDim);
  const at = (px: number, py: number, label: number) => ({ x: px, y: py, label });
  return {
    episodeIndex: 0,
    frameIndex: 0,
    instruction: "pick the block",
    image,
    state: new Float32Array(stateDim),
    chunk: { actions, weights: new Float32Array(chunkSize).fill(1) },
    annotation: {
      phrase: "block",
      mask,
      prompts: {
        point: [at(x, y, POINT_LABEL.positive)],
        line: [-1, 0, 1].map((t) => at(x + (t * half) / 2, y, POINT_LABEL.positive)),
        box: [at(x - half, y - half, POINT_LABEL.boxTopLeft), at(x + half, y + half, POINT_LABEL.boxBottomRight)],
      },
    },
  };
}

export interface TwoObjectsScore {
  /** Share of samples whose predicted point is nearer to the meant object than to the other; chance is a half. */
  readonly rightObject: number;
  /** Mean distance of the predicted point from the meant centre, in image widths. */
  readonly distance: number;
}

/** Scores predicted chunks by the point their first action names. */
export function scoreTwoObjects(cases: readonly TwoObjects[], chunks: readonly Float32Array[]): TwoObjectsScore {
  if (chunks.length !== cases.length)
    throw new Error(
      `Scoring: found ${chunks.length} chunks for ${cases.length} cases. Ask for a multiple of the batch.`,
    );
  let right = 0;
  let distance = 0;
  cases.forEach(({ meant, other }, i) => {
    const [x, y] = [(chunks[i]![0]! + 1) / 2, (chunks[i]![1]! + 1) / 2];
    const to = (p: readonly [number, number]) => Math.hypot(x - p[0], y - p[1]);
    distance += to(meant) / cases.length;
    if (to(meant) < to(other)) right += 1 / cases.length;
  });
  return { rightObject: right, distance };
}

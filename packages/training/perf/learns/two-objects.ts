import { POINT_LABEL, Random, type Recipe } from "@pixelvla/core";
import type { Sample } from "../../src/samples/sample-store.ts";

/** A picture with two objects that look alike, one of them meant; the action points at it. */
export interface TwoObjects {
  readonly sample: Sample;
  /** Centres as fractions of the image: the meant one, then the other. */
  readonly meant: readonly [x: number, y: number];
  readonly other: readonly [x: number, y: number];
}

/**
 * Draws a sample in which nothing but the object mask and the prompt says which of two equal squares is meant: same
 * colour, same size, same instruction, places exchangeable. Actions 0 and 1 of every step are the meant centre in [-1, 1].
 */
export function drawTwoObjects(recipe: Recipe, random: Random): TwoObjects {
  const { height, width } = recipe.image;
  const side = Math.round(width / 6);
  const place = (): [number, number] => [random.integer(width - side), random.integer(height - side)];
  const first = place();
  let second = place();
  while (Math.abs(first[0] - second[0]) < 2 * side && Math.abs(first[1] - second[1]) < 2 * side) second = place();

  const image = Uint8Array.from({ length: height * width * 3 }, () => 90 + random.integer(20));
  const mask = new Uint8Array(height * width);
  const each = ([left, top]: readonly [number, number], mark: (pixel: number) => void) => {
    for (let y = top; y < top + side; y++) for (let x = left; x < left + side; x++) mark(y * width + x);
  };
  for (const square of [first, second]) each(square, (pixel) => image.set([220, 60, 50], pixel * 3));
  each(first, (pixel) => (mask[pixel] = 1));

  const centre = ([left, top]: readonly [number, number]) =>
    [(left + side / 2) / width, (top + side / 2) / height] as const;
  const [meant, other] = [centre(first), centre(second)];
  const half = side / 2 / width;
  const actions = new Float32Array(recipe.chunkSize * recipe.actionDim);
  for (let k = 0; k < recipe.chunkSize; k++) actions.set([2 * meant[0] - 1, 2 * meant[1] - 1], k * recipe.actionDim);
  const at = (x: number, y: number, label: number) => ({ x, y, label });
  return {
    meant,
    other,
    sample: {
      episodeIndex: 0,
      frameIndex: 0,
      instruction: "pick the block",
      image,
      state: new Float32Array(recipe.stateDim),
      chunk: { actions, weights: new Float32Array(recipe.chunkSize).fill(1) },
      annotation: {
        phrase: "block",
        mask,
        prompts: {
          point: [at(meant[0], meant[1], POINT_LABEL.positive)],
          line: [-1, 0, 1].map((t) => at(meant[0] + (t * half) / 2, meant[1], POINT_LABEL.positive)),
          box: [
            at(meant[0] - half, meant[1] - half, POINT_LABEL.boxTopLeft),
            at(meant[0] + half, meant[1] + half, POINT_LABEL.boxBottomRight),
          ],
        },
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

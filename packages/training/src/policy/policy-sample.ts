import { POINT_LABEL } from "@pixelvla/core";
import type { BinaryMask, PixelBox, PointPrompt, RgbImage } from "@pixelvla/data";
import { actionChunk, type ActionChunk } from "../samples/chunks.ts";
import { fitImage } from "../samples/fit-image.ts";
import type { Sample } from "../samples/sample-store.ts";
import { normaliseRow } from "../samples/statistics.ts";
import { fitMask, linePoints, pointMapper, type SampleAnnotation } from "../samples/visual-prompts.ts";
import type { RunPolicy } from "./run-policy.ts";

/** What a policy is shown, as a camera and a user give it: the image not yet fitted, numbers in the dataset's units. */
export interface PolicyInput {
  readonly image: RgbImage;
  readonly instruction: string;
  /** At least `[S]`; the middle of the training range when left out. */
  readonly state?: Float32Array;
  /** The target object, of the image's size. Without it neither mask nor prompts reach the policy. */
  readonly mask?: BinaryMask;
  /** Pixels of the image. */
  readonly prompts?: {
    readonly points?: readonly PointPrompt[];
    readonly lines?: readonly (readonly (readonly [number, number])[])[];
    /** Both corners included. */
    readonly box?: PixelBox;
  };
  /** `[n, A]`: what was demonstrated from here on. */
  readonly actions?: Float32Array;
}

const NOTHING: ActionChunk = { actions: new Float32Array(), weights: new Float32Array() };

/** Fits and normalises an input for a policy, as its training samples were. */
export async function policySample(
  { image, instruction, state, mask, prompts = {}, actions }: PolicyInput,
  { recipe, statistics }: Pick<RunPolicy, "recipe" | "statistics">,
): Promise<Sample> {
  const { stateDim, actionDim, chunkSize, image: fit } = recipe;
  const known = state?.slice(0, stateDim);
  if (known !== undefined && stateDim > 0) normaliseRow(known, statistics.proprio);
  const chunk = actions === undefined ? NOTHING : actionChunk(actions, actionDim, 0, chunkSize);
  for (let i = 0; i < chunk.actions.length; i += actionDim)
    normaliseRow(chunk.actions.subarray(i, i + actionDim), statistics.action);
  return {
    episodeIndex: 0,
    frameIndex: 0,
    instruction,
    image: await fitImage(image, fit),
    state: known ?? new Float32Array(stateDim),
    chunk,
    annotation: mask === undefined ? undefined : annotationOf(image, mask, prompts, fit),
  };
}

function annotationOf(
  { widthPx, heightPx }: RgbImage,
  mask: BinaryMask,
  { points = [], lines = [], box }: NonNullable<PolicyInput["prompts"]>,
  fit: RunPolicy["recipe"]["image"],
): SampleAnnotation {
  const at = pointMapper(widthPx, heightPx, fit);
  const { positive, negative, boxTopLeft, boxBottomRight } = POINT_LABEL;
  return {
    phrase: "",
    mask: fitMask(mask, fit),
    prompts: {
      point: points.map(({ x, y, isObject }) => at(x, y, isObject ? positive : negative)),
      line: lines.flatMap((line) => linePoints(line).map(([x, y]) => at(x, y, positive))),
      box: box === undefined ? [] : [at(box.x0, box.y0, boxTopLeft), at(box.x1, box.y1, boxBottomRight)],
    },
  };
}

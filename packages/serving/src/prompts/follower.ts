import { POINT_LABEL } from "@pixelvla/core";
import { maskArea, maskBox, type BinaryMask, type RgbImage } from "@pixelvla/data";
import type { SegmentPrompt, TrackedFrame, TrackSession } from "@pixelvla/segmenters";
import {
  fitMask,
  linePoints,
  pointMapper,
  type PromptKind,
  type PromptPoint,
  type SampleAnnotation,
} from "@pixelvla/training";
import { badPrompt } from "../errors.ts";
import type { ServedPrompt } from "../observation/visual-prompt.ts";
import type { PolicyInfo } from "../policy/served-policy.ts";
import { LiveFrames } from "./live-frames.ts";
import { pointInside } from "./point-inside.ts";
import type { PromptModelPool } from "./prompt-models.ts";

/** What the policy is shown of the prompted object in one frame. */
export interface FollowedObject {
  readonly annotation: SampleAnnotation;
  readonly promptKind: PromptKind;
  /** In [0, 1]; low means lost. */
  readonly score: number;
}

const OBJECT = 0;

/**
 * Follows the prompted object through an episode. The prompt on the first frame becomes a mask (by the
 * segmenter, unless it is one), the tracker follows it from query to query.
 *
 * Source: PixelVLA §4.3 (inference): prompts on the first frame only, turned into a mask by a segmentation model.
 * Paper silent: what the policy sees afterwards. The followed mask, with a prompt of the user's kind derived from it.
 */
export class Follower {
  readonly #models: PromptModelPool;
  readonly #policy: PolicyInfo;
  #mask: BinaryMask | undefined;
  #score = 1;
  #kind: PromptKind = "mask";
  #frames: LiveFrames | undefined;
  #track: TrackSession | undefined;
  /** One propagation for the whole episode, so that the tracker keeps what it learns on the way. */
  #tracked: AsyncIterator<TrackedFrame> | undefined;

  constructor(models: PromptModelPool, policy: PolicyInfo) {
    this.#models = models;
    this.#policy = policy;
  }

  /**
   * Looks at the next frame. With `prompt` the object is chosen anew; undefined as long as none was given.
   * @throws PVLA_SERVE_PROMPT, and what segmenter and tracker throw
   */
  async look(image: RgbImage, prompt: ServedPrompt | undefined): Promise<FollowedObject | undefined> {
    const fit = this.#policy.image;
    if (prompt !== undefined) {
      if (!this.#policy.takesPrompts || fit === undefined)
        throw badPrompt(`a prompt for "${this.#policy.name}"`, "a policy with a pixel or prompt encoder");
      await this.#choose(image, prompt);
    } else if (this.#mask !== undefined) await this.#follow(image);
    if (this.#mask === undefined || fit === undefined) return undefined;
    const prompts = prompt === undefined ? derivedPrompts(this.#mask, fit) : givenPrompts(prompt, image, fit);
    const mask = fitMask(this.#mask, fit);
    return { annotation: { phrase: "", mask, prompts }, promptKind: this.#kindNow(prompt), score: this.#score };
  }

  async end(): Promise<void> {
    const [track, tracked] = [this.#track, this.#tracked];
    this.#track = this.#tracked = undefined;
    await tracked?.return?.();
    await track?.dispose();
  }

  /** A line is not found again in a mask; later frames get the mask itself as the prompt. */
  #kindNow(prompt: ServedPrompt | undefined): PromptKind {
    return prompt === undefined && this.#kind === "line" ? "mask" : this.#kind;
  }

  async #choose(image: RgbImage, prompt: ServedPrompt): Promise<void> {
    this.#kind = kindOf(prompt);
    await this.end();
    this.#score = 1;
    if (prompt.mask !== undefined) this.#mask = prompt.mask;
    else {
      const segmenter = await this.#models.segmenter();
      const [best] = await segmenter.segment(await segmenter.encode(image), segmentPrompt(prompt));
      this.#mask = best!.mask;
      this.#score = best!.score;
    }
    if (maskArea(this.#mask) === 0) {
      this.#mask = undefined;
      throw badPrompt("a prompt under which the segmenter finds nothing", "a prompt on the object");
    }
    const tracker = await this.#models.tracker();
    if (tracker === undefined) return;
    this.#frames = new LiveFrames(image);
    this.#track = await tracker.start(this.#frames);
    await this.#track.prompt(0, OBJECT, { mask: this.#mask });
    this.#tracked = this.#track.propagate({ fromFrame: 1, direction: "forward" })[Symbol.asyncIterator]();
  }

  async #follow(image: RgbImage): Promise<void> {
    const [tracked, frames] = [this.#tracked, this.#frames];
    if (tracked === undefined || frames === undefined) return;
    const previous = frames.last;
    if (image.widthPx !== previous.widthPx || image.heightPx !== previous.heightPx)
      throw badPrompt(
        `an image of ${image.widthPx} x ${image.heightPx} px in an episode of ${previous.widthPx} x ${previous.heightPx} px`,
        "images of one size while an object is followed",
      );
    frames.push(image);
    const { value } = (await tracked.next()) as { readonly value?: TrackedFrame };
    const found = value?.objects.find(({ objectId }) => objectId === OBJECT);
    this.#score = found?.score ?? 0;
    // Out of sight: an empty mask, which the pixel encoder pools to zeros.
    this.#mask = found?.mask ?? { ...this.#mask!, data: new Uint8Array(this.#mask!.data.length) };
  }
}

const kindOf = ({ points, line, box }: ServedPrompt): PromptKind =>
  points !== undefined ? "point" : line !== undefined ? "line" : box !== undefined ? "box" : "mask";

function segmentPrompt({ points, line, box }: ServedPrompt): SegmentPrompt {
  if (points !== undefined) return { points };
  if (line !== undefined) return { points: linePoints(line).map(([x, y]) => ({ x, y, isObject: true })) };
  const [x0, y0, x1, y1] = box!;
  return { box: { x0, y0, x1, y1 } };
}

type Fit = NonNullable<PolicyInfo["image"]>;
type Prompts = Record<"point" | "line" | "box", readonly PromptPoint[]>;

function givenPrompts({ points, line, box }: ServedPrompt, { widthPx, heightPx }: RgbImage, fit: Fit): Prompts {
  const at = pointMapper(widthPx, heightPx, fit);
  return {
    point: (points ?? []).map(({ x, y, isObject }) => at(x, y, isObject ? POINT_LABEL.positive : POINT_LABEL.negative)),
    line: line === undefined ? [] : linePoints(line).map(([x, y]) => at(x, y, POINT_LABEL.positive)),
    box: box === undefined ? [] : boxCorners(at, box[0], box[1], box[2], box[3]),
  };
}

/** The middle of the object and its box. */
function derivedPrompts(mask: BinaryMask, fit: Fit): Prompts {
  const at = pointMapper(mask.widthPx, mask.heightPx, fit);
  const box = maskBox(mask);
  if (box === undefined) return { point: [], line: [], box: [] };
  const { x, y } = pointInside(mask);
  return {
    point: [at(x, y, POINT_LABEL.positive)],
    line: [],
    box: boxCorners(at, box.x0, box.y0, box.x1, box.y1),
  };
}

const boxCorners = (at: ReturnType<typeof pointMapper>, x0: number, y0: number, x1: number, y1: number) => [
  at(x0, y0, POINT_LABEL.boxTopLeft),
  at(x1 - 1, y1 - 1, POINT_LABEL.boxBottomRight),
];

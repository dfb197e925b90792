import { maskBox, type BinaryMask, type PixelBox, type PointPrompt, type RgbImage } from "@pixelvla/data";
import type { ImageFeatures, MaskCandidate, SegmentPrompt, Segmenter } from "../contracts.ts";
import { badPrompt, foreignFeatures } from "../errors.ts";
import { checkPicture } from "../picture.ts";
import { cutObject, HINT } from "./grabcut/cut-object.ts";
import { PartsModel, type PartsMap } from "./parts/parts-model.ts";
import { objectPrior } from "./parts/object-prior.ts";
import { components, fillHoles } from "./regions/components.ts";
import { dilated, eroded } from "./regions/morphology.ts";
import { grownBox, maskFromWindow, openWindow, planeInWindow, toWindow, type Window } from "./regions/window.ts";
import { bytes } from "./arrays.ts";

/** A picture ready to be prompted: the picture itself, and what the network saw in it. */
export interface CutFeatures extends ImageFeatures {
  readonly image: RgbImage;
  readonly parts: PartsMap | undefined;
}

/** Longer side of the windows that are cut, pixels. */
const WORKING_PX = 192;
/** Half sides of the windows tried around points alone, as shares of the picture's shorter side. */
const REACHES = [0.1, 0.2, 0.38];

/** Cuts objects out by their colours (GrabCut), helped by the tabletop network where it knows what it sees. */
export class CutSegmenter implements Segmenter<CutFeatures> {
  readonly model = "grabcut";
  readonly modelVersion = "1";
  readonly #parts: PartsModel | undefined;

  constructor(parts: PartsModel | undefined) {
    this.#parts = parts;
  }

  async encode(image: RgbImage, options: { signal?: AbortSignal } = {}): Promise<CutFeatures> {
    checkPicture(image);
    const { widthPx, heightPx } = image;
    return { widthPx, heightPx, image, parts: await this.#parts?.look(image, options) };
  }

  async segment(
    features: CutFeatures,
    prompt: SegmentPrompt,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<readonly MaskCandidate[]> {
    if (!("image" in features)) throw foreignFeatures(this.model, "features without a picture");
    const boxes = windowBoxes(features, prompt);
    const found: MaskCandidate[] = [];
    for (const box of boxes) {
      signal?.throwIfAborted();
      await new Promise((resolve) => setImmediate(resolve)); // a cut takes up to about 0.1 s: let others in between
      found.push(cutWithin(features, prompt, box));
    }
    return found.sort((a, b) => b.score - a.score);
  }

  async dispose(): Promise<void> {
    await this.#parts?.dispose();
  }
}

/** Where to look. Points alone may mean something small or large. @throws PVLA_SEGMENT_PROMPT */
function windowBoxes({ widthPx, heightPx, parts }: CutFeatures, { points = [], box, mask }: SegmentPrompt): PixelBox[] {
  const positive = points.filter(({ isObject }) => isObject);
  for (const { x, y } of points)
    if (!(x >= 0 && y >= 0 && x <= widthPx && y <= heightPx))
      throw badPrompt(`a point at (${x}, ${y})`, `Give points within the picture, ${widthPx}x${heightPx} px`);
  if (box !== undefined) {
    const [width, height] = [
      Math.min(box.x1, widthPx) - Math.max(box.x0, 0),
      Math.min(box.y1, heightPx) - Math.max(box.y0, 0),
    ];
    if (!(width > 0 && height > 0))
      throw badPrompt(
        `a box from (${box.x0}, ${box.y0}) to (${box.x1}, ${box.y1})`,
        `Give a box that covers a part of the picture, ${widthPx}x${heightPx} px`,
      );
    return [grownBox(box, 0.3, 4)];
  }
  if (mask !== undefined) {
    if (mask.widthPx !== widthPx || mask.heightPx !== heightPx)
      throw badPrompt(
        `a mask of ${mask.widthPx}x${mask.heightPx} px`,
        `Give one of the picture's size, ${widthPx}x${heightPx} px`,
      );
    const around = maskBox(mask);
    if (around !== undefined) return [grownBox(around, 0.3, 4)];
    if (positive.length === 0) throw badPrompt("an empty mask", "Mark some of the object, or give a point or a box");
  }
  if (positive.length === 0)
    throw badPrompt(
      points.length > 0 ? "background points only" : "no prompt",
      "Give at least one point on the object, a box, or a mask",
    );
  const around = {
    x0: Math.min(...positive.map(({ x }) => x)),
    y0: Math.min(...positive.map(({ y }) => y)),
    x1: Math.max(...positive.map(({ x }) => x)) + 1,
    y1: Math.max(...positive.map(({ y }) => y)) + 1,
  };
  const known = parts && objectPrior(parts, { widthPx, heightPx }, { points: positive });
  if (known?.box !== undefined) return [grownBox(known.box, 0.3, 4)];
  return REACHES.map((reach) => grownBox(around, 0, reach * Math.min(widthPx, heightPx)));
}

function cutWithin(features: CutFeatures, prompt: SegmentPrompt, box: PixelBox): MaskCandidate {
  const { image, parts } = features;
  const window = openWindow(image, box, WORKING_PX);
  const known = parts && objectPrior(parts, features, prompt);
  const prior = known && planeInWindow(known.logOdds, features, window);
  const hints = hintsOf(features, prompt, window, prior);
  const { mask, separation } = cutObject({ ...window, hints, ...(prior === undefined ? {} : { prior }) });
  keepPrompted(mask, hints, window, prompt);
  return { mask: maskFromWindow(mask, window, features), score: scoreOf(mask, window, separation) };
}

/** What the prompt says about every pixel of the window. */
function hintsOf(
  features: CutFeatures,
  { points = [], box, mask }: SegmentPrompt,
  window: Window,
  prior: Float32Array | undefined,
): Uint8Array {
  const { widthPx, heightPx } = window;
  const hints = new Uint8Array(widthPx * heightPx).fill(HINT.perhapsBackground);
  if (mask !== undefined) hintMask(features, mask, window, hints);
  else if (prior !== undefined)
    prior.forEach((odds, i) => (hints[i] = odds > 0 ? HINT.perhapsObject : HINT.perhapsBackground));
  if (box !== undefined) {
    const [left, top] = toWindow(window, box.x0, box.y0);
    const [right, bottom] = toWindow(window, box.x1, box.y1);
    for (let y = 0, i = 0; y < heightPx; y++)
      for (let x = 0; x < widthPx; x++, i++) {
        const inside = x + 0.5 > left - 1 && x + 0.5 < right + 1 && y + 0.5 > top - 1 && y + 0.5 < bottom + 1;
        if (!inside) hints[i] = HINT.background;
        else if (mask === undefined && prior === undefined) hints[i] = HINT.perhapsObject;
      }
  } else if (mask === undefined) {
    frame(hints, window, features);
  }
  for (const point of points)
    hintPoint(point, window, hints, box === undefined && mask === undefined && prior === undefined);
  return hints;
}

/** A rough mask: its middle is perhaps object, far from it is background. */
function hintMask(features: CutFeatures, mask: BinaryMask, window: Window, hints: Uint8Array): void {
  const { widthPx, heightPx } = window;
  const soft = planeInWindow({ width: mask.widthPx, height: mask.heightPx, data: mask.data }, features, window);
  const hard = bytes(soft.length, (i) => (soft[i]! >= 0.5 ? 1 : 0));
  const reach = Math.max(2, Math.round(0.06 * Math.max(widthPx, heightPx)));
  const near = dilated(hard, widthPx, heightPx, reach);
  const core = eroded(hard, widthPx, heightPx, 2);
  for (let i = 0; i < hints.length; i++)
    hints[i] =
      core[i] === 1
        ? HINT.object
        : hard[i] === 1
          ? HINT.perhapsObject
          : near[i] === 1
            ? HINT.perhapsBackground
            : HINT.background;
}

/** The window's border is background, except where the picture itself ends. */
function frame(hints: Uint8Array, { box, widthPx, heightPx }: Window, picture: ImageFeatures): void {
  for (let x = 0; x < widthPx; x++) {
    if (box.y0 > 0) hints[x] = HINT.background;
    if (box.y1 < picture.heightPx) hints[(heightPx - 1) * widthPx + x] = HINT.background;
  }
  for (let y = 0; y < heightPx; y++) {
    if (box.x0 > 0) hints[y * widthPx] = HINT.background;
    if (box.x1 < picture.widthPx) hints[(y + 1) * widthPx - 1] = HINT.background;
  }
}

/** A disc around a point is sure; for points alone a wider one starts the object off. */
function hintPoint({ x, y, isObject }: PointPrompt, window: Window, hints: Uint8Array, alone: boolean): void {
  const { widthPx, heightPx } = window;
  const [u, v] = toWindow(window, x, y);
  const sure = Math.max(1, 0.015 * Math.max(widthPx, heightPx));
  const wide = alone && isObject ? 0.17 * Math.max(widthPx, heightPx) : sure;
  for (let row = Math.max(0, Math.floor(v - wide)); row < Math.min(heightPx, v + wide + 1); row++)
    for (let column = Math.max(0, Math.floor(u - wide)); column < Math.min(widthPx, u + wide + 1); column++) {
      const away = Math.hypot(column + 0.5 - u, row + 0.5 - v);
      const i = row * widthPx + column;
      if (away <= sure) hints[i] = isObject ? HINT.object : HINT.background;
      else if (away <= wide && hints[i] === HINT.perhapsBackground) hints[i] = HINT.perhapsObject;
    }
}

/** Drops pieces that no prompt speaks for: small ones, and for points those that hold none. Fills pinholes. In place. */
function keepPrompted(
  mask: Uint8Array,
  hints: Uint8Array,
  window: Window,
  { points = [], box, mask: rough }: SegmentPrompt,
): void {
  const { widthPx, heightPx } = window;
  const pieces = components(mask, widthPx, heightPx);
  const largest = pieces[0]?.pixels.length ?? 0;
  const onlyPoints = box === undefined && rough === undefined && points.length > 0;
  pieces.forEach(({ pixels }) => {
    const marked = pixels.some((pixel) => hints[pixel] === HINT.object);
    if (marked || (!onlyPoints && pixels.length >= 0.15 * largest)) return;
    for (const pixel of pixels) mask[pixel] = 0;
  });
  fillHoles(mask, widthPx, heightPx, Math.max(2, Math.round(0.03 * largest)));
}

/**
 * Own estimate of IoU in [0, 1]: how clearly colours tell object from surroundings, less where the mask runs into the
 * window's border or is nothing at all.
 */
function scoreOf(mask: Uint8Array, { widthPx, heightPx }: Window, separation: number): number {
  let [area, onBorder, border] = [0, 0, 0];
  for (let y = 0, i = 0; y < heightPx; y++)
    for (let x = 0; x < widthPx; x++, i++) {
      const edge = x <= 1 || y <= 1 || x >= widthPx - 2 || y >= heightPx - 2;
      area += mask[i]!;
      if (edge) [border, onBorder] = [border + 1, onBorder + mask[i]!];
    }
  if (area === 0) return 0;
  const clear = 1 / (1 + Math.exp(-(separation - 1.5)));
  return clear * (1 - Math.min(1, (3 * onBorder) / border));
}

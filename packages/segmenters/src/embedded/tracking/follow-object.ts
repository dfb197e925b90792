import { maskArea, maskBox, type BinaryMask, type PixelBox, type RgbImage } from "@pixelvla/data";
import { bytes, floats } from "../arrays.ts";
import { cutObject, HINT } from "../grabcut/cut-object.ts";
import { fitMixture, mixtureCost, type GaussianMixture } from "../grabcut/gaussian-mixture.ts";
import { labelIndex, sharesOf, type PartsMap } from "../parts/parts-model.ts";
import type { PartLabel } from "../parts/part-labels.ts";
import { PARTS_OUTPUT_PX } from "../parts/parts-net.ts";
import { components, fillHoles } from "../regions/components.ts";
import { dilated } from "../regions/morphology.ts";
import { grownBox, maskFromWindow, openWindow, planeInWindow, type Window } from "../regions/window.ts";

const WORKING_PX = 160;
/** Most that colours, and that the network, say about a pixel, in nats. */
const MOST_ODDS = 4;

/** What is remembered of an object that is followed. */
export interface Appearance {
  /** Colours where it was seeded, and where it was last seen clearly. */
  readonly seed: GaussianMixture;
  readonly recent: GaussianMixture;
  /** Colours around it. */
  readonly surroundings: GaussianMixture;
  /** What the tabletop network calls it. */
  readonly label: PartLabel | undefined;
  /** Pixels it covered at the seed. */
  readonly seedArea: number;
}

/** Where an object is, and how sure that is. */
export interface Sighting {
  readonly mask: BinaryMask;
  readonly box: PixelBox;
  /** In [0, 1]. */
  readonly score: number;
}

/** Remembers how an object looks; `before` keeps its seed. Undefined for an empty mask. */
export function remember(
  image: RgbImage,
  mask: BinaryMask,
  label: PartLabel | undefined,
  before?: Appearance,
): Appearance | undefined {
  const box = maskBox(mask);
  if (box === undefined) return undefined;
  const window = openWindow(image, grownBox(box, 0.5, 6), WORKING_PX);
  const inside = inWindow(mask, window);
  const near = dilated(inside, window.widthPx, window.heightPx, 2);
  const pixels = (wanted: (i: number) => boolean) => Array.from({ length: inside.length }, (_, i) => i).filter(wanted);
  const recent = fitMixture(
    window.colours,
    pixels((i) => inside[i] === 1),
  );
  return {
    seed: before?.seed ?? recent,
    recent,
    surroundings: fitMixture(
      window.colours,
      pixels((i) => near[i] === 0),
    ),
    label: before === undefined ? label : before.label,
    seedArea: before?.seedArea ?? maskArea(mask),
  };
}

/** Looks for an object near where it was. Undefined when nothing there looks like it. */
export function follow(
  image: RgbImage,
  parts: PartsMap | undefined,
  look: Appearance,
  last: PixelBox,
  expected: BinaryMask,
): Sighting | undefined {
  const margin = 0.05 * Math.min(image.widthPx, image.heightPx);
  const window = openWindow(image, grownBox(last, 0.5, margin), WORKING_PX);
  const { widthPx, heightPx } = window;
  const near = nearness(inWindow(expected, window), widthPx, heightPx);
  const odds = likeness(image, window, parts, look);
  return cutOut(
    image,
    window,
    odds.map((value, i) => value + near[i]!),
    odds,
    look,
    near,
  );
}

/** Looks for an object in the whole picture. Undefined when nothing looks like it. */
export function findAgain(image: RgbImage, parts: PartsMap | undefined, look: Appearance): Sighting | undefined {
  const whole = { x0: 0, y0: 0, x1: image.widthPx, y1: image.heightPx };
  const window = openWindow(image, whole, WORKING_PX);
  const odds = likeness(image, window, parts, look);
  const mask = bytes(odds.length, (i) => (odds[i]! > 0.5 ? 1 : 0));
  const scale = (image.widthPx * image.heightPx) / odds.length;
  const plausible = components(mask, window.widthPx, window.heightPx, 3).filter(({ pixels }) => {
    const ratio = (pixels.length * scale) / look.seedArea;
    return ratio > 0.25 && ratio < 2.5;
  });
  const strength = ({ pixels }: { pixels: readonly number[] }) => pixels.reduce((sum, i) => sum + odds[i]!, 0);
  const best = plausible.sort((a, b) => strength(b) - strength(a))[0];
  if (best === undefined) return undefined;
  const [sx, sy] = [image.widthPx / window.widthPx, image.heightPx / window.heightPx];
  const { x0, y0, x1, y1 } = best.box;
  const box = { x0: x0 * sx, y0: y0 * sy, x1: x1 * sx, y1: y1 * sy };
  const rough = bytes(odds.length, () => 0);
  for (const pixel of best.pixels) rough[pixel] = 1;
  return follow(image, parts, look, box, maskFromWindow(rough, window, image));
}

/** How much every pixel looks like the object rather than its surroundings, in nats. */
function likeness(image: RgbImage, window: Window, parts: PartsMap | undefined, look: Appearance): Float32Array {
  const { colours, widthPx, heightPx } = window;
  const clamp = (value: number) => Math.max(-MOST_ODDS, Math.min(MOST_ODDS, value));
  const odds = floats(widthPx * heightPx, (i) => {
    const object = Math.min(mixtureCost(look.seed, colours, i), mixtureCost(look.recent, colours, i));
    return clamp(mixtureCost(look.surroundings, colours, i) - object);
  });
  if (parts === undefined || look.label === undefined) return odds;
  const shares = planeInWindow(
    { width: PARTS_OUTPUT_PX, height: PARTS_OUTPUT_PX, data: sharesOf(parts, labelIndex(look.label)) },
    image,
    window,
  );
  // In the hand a cube may look like a block to the network: it may doubt, not forbid.
  return odds.map(
    (value, i) => value + Math.max(-2, Math.min(2, Math.log((shares[i]! + 1e-3) / (1 - shares[i]! + 1e-3)))),
  );
}

/** 0 where the object was expected, falling to -4 away from it. */
function nearness(expected: Uint8Array, widthPx: number, heightPx: number): Float32Array {
  const near = floats(expected.length, (i) => (expected[i] === 1 ? 0 : -4));
  const step = Math.max(1, Math.round(0.06 * Math.max(widthPx, heightPx)));
  let reached = expected;
  for (let ring = 1; ring <= 4; ring++) {
    const wider = dilated(reached, widthPx, heightPx, step);
    for (let i = 0; i < near.length; i++) if (wider[i] === 1 && reached[i] === 0) near[i] = 0.5 - ring;
    reached = wider;
  }
  return near;
}

function cutOut(
  image: RgbImage,
  window: Window,
  odds: Float32Array,
  likeness: Float32Array,
  look: Appearance,
  near: Float32Array,
): Sighting | undefined {
  const { widthPx, heightPx } = window;
  const hints = bytes(odds.length, (i) => (odds[i]! > 0 ? HINT.perhapsObject : HINT.perhapsBackground));
  if (!hints.includes(HINT.perhapsObject)) return undefined;
  const { mask } = cutObject({ ...window, hints, prior: odds, rounds: 2 });
  const pieces = components(mask, widthPx, heightPx);
  const weight = (pixels: readonly number[]) => pixels.reduce((sum, i) => sum + likeness[i]! + near[i]! + 2, 0);
  const best = Math.max(0, ...pieces.map(({ pixels }) => weight(pixels)));
  for (const { pixels } of pieces) if (!(weight(pixels) >= 0.3 * best)) for (const pixel of pixels) mask[pixel] = 0;
  fillHoles(mask, widthPx, heightPx, 4);
  const whole = maskFromWindow(mask, window, image);
  const box = maskBox(whole);
  if (box === undefined) return undefined;
  let [sum, n] = [0, 0];
  for (let i = 0; i < mask.length; i++) if (mask[i] === 1) [sum, n] = [sum + likeness[i]!, n + 1];
  const alike = 1 / (1 + Math.exp(-(sum / n - 0.5)));
  const ratio = maskArea(whole) / look.seedArea;
  // Partly hidden is fine, four times as large is not.
  const sized = ratio < 1 ? Math.min(1, 2.5 * ratio) : Math.min(1, 2.5 / ratio);
  return { mask: whole, box, score: alike * sized };
}

function inWindow(mask: BinaryMask, window: Window): Uint8Array {
  const soft = planeInWindow({ width: mask.widthPx, height: mask.heightPx, data: mask.data }, mask, window);
  return bytes(soft.length, (i) => (soft[i]! >= 0.5 ? 1 : 0));
}

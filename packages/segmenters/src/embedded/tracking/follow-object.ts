import { maskArea, maskBox, type BinaryMask, type PixelBox, type RgbImage } from "@pixelvla/data";
import { bytes, floats } from "../arrays.ts";
import { cutByEvidence } from "../grabcut/cut-object.ts";
import { fitMixture, mixtureCost, type GaussianMixture } from "../grabcut/gaussian-mixture.ts";
import { labelIndex, sharesOf, sharesOfAny, type PartsMap } from "../parts/parts-model.ts";
import { MOVABLE_LABELS, type PartLabel } from "../parts/part-labels.ts";
import { PARTS_OUTPUT_PX } from "../parts/parts-net.ts";
import { components, fillHoles } from "../regions/components.ts";
import { dilated } from "../regions/morphology.ts";
import { grownBox, maskFromWindow, openWindow, planeInWindow, type Window } from "../regions/window.ts";

const WORKING_PX = 160;
/** Most that colours say about a pixel, in nats. */
const MOST_ODDS = 6;
/** Most that the network says: that something is a thing at all, and which one. In the hand a cube may look like a block to it. */
const MOST_THING_ODDS = 3;
const MOST_LABEL_ODDS = 1.5;
/**
 * -log of the density of colours that belong to neither: what comes into view later (a shadow, the hand) looks like nothing that
 * was there before, and is no object for that. Oklab's colours fill a volume of about 0.2.
 */
const ANYTHING = 1.5;

/** Shares of an object's lightness that are left in the shadow of hand and arm, and what it costs to suppose that, in nats. */
const SHADES = [
  [0.8, 0.7],
  [0.65, 1.4],
] as const;

/** How far an object moves between frames before that counts against it, as a share of its size. */
const STRIDE = 0.3;
/** How much larger than at the seed an object can get by coming nearer or turning. */
const MOST_GROWTH = 1.4;
/** Mean nearness from which on a separate piece belongs to the object. */
const WHERE_IT_WAS = -1.5;

/** What is remembered of an object that is followed. */
export interface Appearance {
  /** Colours where it was seeded, and where it was last seen clearly. */
  readonly seed: GaussianMixture;
  readonly recent: GaussianMixture;
  /** Colours around it. */
  readonly surroundings: GaussianMixture;
  /** What the tabletop network calls it. */
  readonly label: PartLabel | undefined;
  /** The network takes it for something that lies on the table, whatever it is. */
  readonly isMovable: boolean;
  /** Pixels it covered at the seed. */
  readonly seedArea: number;
  /** Of its box at the seed, pixels. */
  readonly seedDiagonal: number;
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
  seen: { readonly parts?: PartsMap | undefined; readonly label?: PartLabel | undefined },
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
    label: before === undefined ? seen.label : before.label,
    isMovable: before?.isMovable ?? (seen.parts !== undefined && isMovable(seen.parts, mask)),
    seedArea: before?.seedArea ?? maskArea(mask),
    seedDiagonal: before?.seedDiagonal ?? diagonal(box),
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
  const margin = 0.07 * Math.min(image.widthPx, image.heightPx);
  const window = openWindow(image, grownBox(last, 0.75, margin), WORKING_PX);
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
  const odds = floats(widthPx * heightPx, (i) => {
    const object = Math.min(shadedCost(look.seed, colours, i), shadedCost(look.recent, colours, i));
    return limited(Math.min(shadedCost(look.surroundings, colours, i), ANYTHING) - object, MOST_ODDS);
  });
  if (parts === undefined) return odds;
  if (look.isMovable) {
    const thing = networkOdds(movableShares(parts), image, window);
    odds.forEach((value, i) => (odds[i] = value + limited(thing[i]!, MOST_THING_ODDS)));
  }
  if (look.label === undefined) return odds;
  const most = look.isMovable ? MOST_LABEL_ODDS : MOST_THING_ODDS;
  const labelled = networkOdds(sharesOf(parts, labelIndex(look.label)), image, window);
  return odds.map((value, i) => value + limited(labelled[i]!, most));
}

/** -log of the density of a colour or of what it would be in full light: in shadow, Oklab's three coordinates shrink together. */
function shadedCost(mixture: GaussianMixture, colours: Float32Array, i: number): number {
  let best = mixtureCost(mixture, colours, i);
  const lit = new Float32Array(3);
  for (const [light, cost] of SHADES) {
    for (let c = 0; c < 3; c++) lit[c] = colours[3 * i + c]! / light;
    best = Math.min(best, cost + mixtureCost(mixture, lit, 0));
  }
  return best;
}

const movableShares = (parts: PartsMap) => sharesOfAny(parts, MOVABLE_LABELS.map(labelIndex));

/** Whether the network takes most of a mask for something that can be lifted. */
function isMovable(parts: PartsMap, mask: BinaryMask): boolean {
  const window = {
    box: { x0: 0, y0: 0, x1: mask.widthPx, y1: mask.heightPx },
    widthPx: mask.widthPx,
    heightPx: mask.heightPx,
  };
  const shares = planeInWindow(
    { width: PARTS_OUTPUT_PX, height: PARTS_OUTPUT_PX, data: movableShares(parts) },
    mask,
    window,
  );
  return shares.reduce((sum, share, i) => sum + share * mask.data[i]!, 0) > 0.5 * maskArea(mask);
}

/** Log odds of a share of the network's in every pixel of the window. */
function networkOdds(shares: Float32Array, image: RgbImage, window: Window): Float32Array {
  const plane = { width: PARTS_OUTPUT_PX, height: PARTS_OUTPUT_PX, data: shares };
  return planeInWindow(plane, image, window).map((share) => Math.log((share + 1e-3) / (1 - share + 1e-3)));
}

const limited = (value: number, most: number) => Math.max(-most, Math.min(most, value));

/** 0 where the object was expected, falling to -7 away from it: what looks the same over there is another object. */
function nearness(expected: Uint8Array, widthPx: number, heightPx: number): Float32Array {
  const near = floats(expected.length, (i) => (expected[i] === 1 ? 0 : -7));
  const step = Math.max(1, Math.round(STRIDE * Math.sqrt(expected.reduce((sum, value) => sum + value, 0))));
  let reached = expected;
  for (let ring = 1; ring <= 4; ring++) {
    const wider = dilated(reached, widthPx, heightPx, step);
    for (let i = 0; i < near.length; i++) if (wider[i] === 1 && reached[i] === 0) near[i] = 1 - 1.5 * ring;
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
  const mask = cutByEvidence({ ...window, evidence: odds });
  keepObject(mask, window, look, likeness, near);
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

/**
 * Keeps the piece that is most likely the object, and others that lie where it was or complete it to its size: what is left and
 * right of the fingers that hold it. A second object that looks the same is farther away than the object is long.
 */
function keepObject(
  mask: Uint8Array,
  window: Window,
  look: Appearance,
  likeness: Float32Array,
  near: Float32Array,
): void {
  const { widthPx, heightPx } = window;
  const mean = (values: Float32Array, pixels: readonly number[]) =>
    pixels.reduce((sum, i) => sum + values[i]!, 0) / pixels.length;
  const [best, ...others] = components(mask, widthPx, heightPx)
    .map(({ pixels, box }) => ({ pixels, box, distance: mean(near, pixels), alike: mean(likeness, pixels) }))
    .sort((a, b) => (b.alike + b.distance) * b.pixels.length - (a.alike + a.distance) * a.pixels.length);
  if (best === undefined) return;
  const scale = (window.box.x1 - window.box.x0) / widthPx;
  let {
    box,
    pixels: { length: area },
  } = best;
  for (const piece of others.sort((a, b) => b.distance - a.distance)) {
    const both = unionBox(box, piece.box);
    const fits =
      scale * diagonal(both) <= MOST_GROWTH * look.seedDiagonal &&
      scale ** 2 * (area + piece.pixels.length) <= MOST_GROWTH * look.seedArea;
    if (piece.distance >= WHERE_IT_WAS || fits) [box, area] = [both, area + piece.pixels.length];
    else for (const pixel of piece.pixels) mask[pixel] = 0;
  }
}

const diagonal = ({ x0, y0, x1, y1 }: PixelBox) => Math.hypot(x1 - x0, y1 - y0);

const unionBox = (a: PixelBox, b: PixelBox): PixelBox => ({
  x0: Math.min(a.x0, b.x0),
  y0: Math.min(a.y0, b.y0),
  x1: Math.max(a.x1, b.x1),
  y1: Math.max(a.y1, b.y1),
});

function inWindow(mask: BinaryMask, window: Window): Uint8Array {
  const soft = planeInWindow({ width: mask.widthPx, height: mask.heightPx, data: mask.data }, mask, window);
  return bytes(soft.length, (i) => (soft[i]! >= 0.5 ? 1 : 0));
}

import type { PixelBox } from "@pixelvla/data";
import { colourFit } from "../colour/colour-words.ts";
import type { PhraseLook } from "../phrase.ts";
import { components, type Component } from "../regions/components.ts";
import type { Window } from "../regions/window.ts";
import { saliency } from "./saliency.ts";
import { bytes } from "../arrays.ts";

/** A region that may be what the phrase names. */
export interface Candidate {
  /** Pixels of the window. */
  readonly pixels: readonly number[];
  /** In pixels of the window. */
  readonly box: PixelBox;
  /** In [0, 1]. */
  readonly score: number;
}

/** What the network sees in the window, `[N]` each, where it is used. */
export interface SeenParts {
  /** Share of the label that the phrase names. */
  readonly part: Float32Array | undefined;
  /** Share of all things that lie on the table together. */
  readonly things: Float32Array | undefined;
}

/** Least share of the window that a thing covers, and most. */
const LEAST_AREA = 0.0003;
const MOST_AREA = 0.3;

/**
 * Regions by colour, or by what stands out where the phrase names no colour; by the network's label alone for parts of
 * furniture and the robot.
 */
export function findCandidates(window: Window, look: PhraseLook, { part, things }: SeenParts): Candidate[] {
  const { widthPx, heightPx, colours } = window;
  const n = widthPx * heightPx;
  const furniture = look.isGripper || (look.part?.endsWith("drawer") ?? false) || look.part === "cabinet";
  if (furniture) return part === undefined ? [] : regionsOf(part, part, window, 0.4);

  const byColour = look.colours.map((name) => colourFit(colours, name));
  const fit = new Float32Array(n);
  if (byColour.length > 0) for (const one of byColour) one.forEach((value, i) => (fit[i] = Math.max(fit[i]!, value)));
  else fit.set(saliency(window));
  const known = things !== undefined && things.some((share) => share > 0.7);
  const evidence = fit.map((value, i) => (known ? value * (0.25 + 0.75 * things[i]!) : value));
  const regions = regionsOf(evidence, evidence, window, known ? 0.3 : 0.45);
  if (part === undefined || !known) return regions;
  const shapes = components(
    bytes(n, (i) => (part[i]! > 0.5 ? 1 : 0)),
    widthPx,
    heightPx,
  );
  return regions.map((region) => ({
    ...grown(region, shapes),
    score: region.score * (0.35 + 0.65 * meanOver(part, region.pixels)),
  }));
}

/** Most that a region may grow, in its own sizes: two things of one shape that touch are not one. */
const MOST_GROWTH = 2.5;

/** A region with the rest of the shape that the network sees around most of it: a cap of another colour, a side in shadow. */
function grown(region: Candidate, shapes: readonly Component[]): Candidate {
  const pixels = new Set(region.pixels);
  const around = shapes.find(
    (shape) => shape.pixels.reduce((sum, i) => sum + (pixels.has(i) ? 1 : 0), 0) > 0.5 * pixels.size,
  );
  if (around === undefined || around.pixels.length > MOST_GROWTH * pixels.size) return region;
  for (const pixel of around.pixels) pixels.add(pixel);
  const [a, b] = [region.box, around.box];
  const box = {
    x0: Math.min(a.x0, b.x0),
    y0: Math.min(a.y0, b.y0),
    x1: Math.max(a.x1, b.x1),
    y1: Math.max(a.y1, b.y1),
  };
  return { ...region, pixels: [...pixels], box };
}

/** Connected pixels above a threshold, scored by their mean value. */
function regionsOf(
  evidence: Float32Array,
  values: Float32Array,
  { widthPx, heightPx }: Window,
  threshold: number,
): Candidate[] {
  const n = widthPx * heightPx;
  const mask = bytes(n, (i) => (evidence[i]! > threshold ? 1 : 0));
  return components(mask, widthPx, heightPx, Math.max(4, LEAST_AREA * n))
    .filter(({ pixels }) => pixels.length <= MOST_AREA * n)
    .map(({ pixels, box }) => ({ pixels, box, score: meanOver(values, pixels) }));
}

function meanOver(values: Float32Array, pixels: readonly number[]): number {
  return pixels.reduce((sum, pixel) => sum + values[pixel]!, 0) / pixels.length;
}

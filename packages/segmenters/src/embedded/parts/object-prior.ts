import type { PixelBox } from "@pixelvla/data";
import type { SegmentPrompt } from "../../contracts.ts";
import { components } from "../regions/components.ts";
import { PART_LABELS } from "./part-labels.ts";
import { PARTS_OUTPUT_PX } from "./parts-net.ts";
import { sharesOf, type PartsMap } from "./parts-model.ts";
import { bytes } from "../arrays.ts";

/** Least share of one label under a prompt for the network to have a say. */
const LEAST_SHARE = 0.5;
/** Most it may say, in nats. */
const MOST_ODDS = 5;

/** What the network thinks the prompted object covers. */
export interface ObjectPrior {
  readonly label: (typeof PART_LABELS)[number];
  /** Log odds of belonging to it, `[112, 112]` over the whole picture. */
  readonly logOdds: { readonly width: number; readonly height: number; readonly data: Float32Array };
  /** Of the connected piece under the prompt, in pixels of the picture. */
  readonly box: PixelBox | undefined;
}

interface PictureSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

/**
 * The label that fills what is prompted, if one does and it is not the background. Only the pieces that touch the prompt
 * count: a second red cube elsewhere is none of it.
 */
export function objectPrior(map: PartsMap, picture: PictureSize, prompt: SegmentPrompt): ObjectPrior | undefined {
  const cells = promptedCells(picture, prompt);
  if (cells.length === 0) return undefined;
  let [label, most] = [0, 0];
  for (let candidate = 1; candidate < PART_LABELS.length; candidate++) {
    const shares = sharesOf(map, candidate);
    const mean = cells.reduce((sum, cell) => sum + shares[cell]!, 0) / cells.length;
    if (mean > most) [label, most] = [candidate, mean];
  }
  if (most < LEAST_SHARE) return undefined;
  const n = PARTS_OUTPUT_PX;
  const shares = sharesOf(map, label);
  const solid = bytes(shares.length, (i) => (shares[i]! > 0.3 ? 1 : 0));
  const prompted = new Set(cells);
  const touching = components(solid, n, n).filter(({ pixels }) => pixels.some((pixel) => prompted.has(pixel)));
  const mine = new Uint8Array(n * n);
  for (const { pixels } of touching) for (const pixel of pixels) mine[pixel] = 1;
  const data = shares.map((share, i) => {
    if (mine[i] === 0 && share > 0.3) return -MOST_ODDS;
    const odds = Math.log((share + 1e-6) / (1 - share + 1e-6));
    return Math.max(-MOST_ODDS, Math.min(MOST_ODDS, odds));
  });
  const [sx, sy] = [picture.widthPx / n, picture.heightPx / n];
  const box = touching.reduce<PixelBox | undefined>(
    (all, { box: b }) => ({
      x0: Math.min(all?.x0 ?? Infinity, b.x0 * sx),
      y0: Math.min(all?.y0 ?? Infinity, b.y0 * sy),
      x1: Math.max(all?.x1 ?? 0, b.x1 * sx),
      y1: Math.max(all?.y1 ?? 0, b.y1 * sy),
    }),
    undefined,
  );
  return { label: PART_LABELS[label]!, logOdds: { width: n, height: n, data }, box };
}

/** Cells of the map that a prompt marks as object: the mask, else the points, else the middle of the box. */
function promptedCells({ widthPx, heightPx }: PictureSize, { points = [], box, mask }: SegmentPrompt): number[] {
  const n = PARTS_OUTPUT_PX;
  const cell = (x: number, y: number) => {
    const [u, v] = [Math.floor((x * n) / widthPx), Math.floor((y * n) / heightPx)];
    return Math.min(n - 1, Math.max(0, v)) * n + Math.min(n - 1, Math.max(0, u));
  };
  const cells = new Set<number>();
  if (mask !== undefined)
    mask.data.forEach((value, i) => value !== 0 && cells.add(cell((i % widthPx) + 0.5, Math.floor(i / widthPx) + 0.5)));
  if (cells.size > 0) return [...cells];
  for (const { x, y, isObject } of points) if (isObject) cells.add(cell(x, y));
  if (cells.size > 0 || box === undefined) return [...cells];
  for (let y = 0.25; y <= 0.75; y += 0.05)
    for (let x = 0.25; x <= 0.75; x += 0.05)
      cells.add(cell(box.x0 + x * (box.x1 - box.x0), box.y0 + y * (box.y1 - box.y0)));
  return [...cells];
}

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { encodeCocoRle, maskFromRuns, runsArea, runsBox, runsFromCoco, runsIou } from "../src/masks/coco-rle.ts";
import { maskFromPolygons } from "../src/masks/polygons.ts";

interface Described {
  size: [number, number];
  counts: string;
  sha1: string;
  area: number;
  bbox: [number, number, number, number];
}

/** Made by tools/peers/golden_masks.py. */
const golden = JSON.parse(readFileSync(new URL("./golden/pycocotools-masks.json", import.meta.url), "utf8")) as {
  masks: Described[];
  polygons: (Described & { ring: number[] })[];
  pairs: { a: string; b: string; size: [number, number]; iou: number }[];
};
const sha1 = (data: Uint8Array) => createHash("sha1").update(data).digest("hex");

test("masks of pycocotools decode to its pixels, area and box, and encode to its string", () => {
  for (const { size, counts, sha1: pixels, area, bbox } of [...golden.masks, ...golden.polygons]) {
    const runs = runsFromCoco({ size, counts });
    const mask = maskFromRuns(runs);
    expect(sha1(mask.data)).toBe(pixels);
    expect(runsArea(runs)).toBe(area);
    const box = runsBox(runs);
    if (box !== undefined) expect([box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0]).toEqual(bbox);
    expect(maskFromRuns(runsFromCoco(encodeCocoRle(mask)))).toEqual(mask);
  }
  for (const { size, counts } of golden.masks)
    expect(encodeCocoRle(maskFromRuns(runsFromCoco({ size, counts }))).counts).toBe(counts);
});

test("polygons fill the pixels pycocotools fills", () => {
  for (const { ring, size, sha1: pixels } of golden.polygons)
    expect(sha1(maskFromPolygons([ring], { heightPx: size[0], widthPx: size[1] }).data)).toBe(pixels);
});

test("intersection over union agrees with pycocotools", () => {
  for (const { a, b, size, iou } of golden.pairs) {
    const [one, other] = [runsFromCoco({ size, counts: a }), runsFromCoco({ size, counts: b })];
    if (runsArea(one) + runsArea(other) > 0) expect(runsIou(one, other)).toBeCloseTo(iou, 12);
  }
});

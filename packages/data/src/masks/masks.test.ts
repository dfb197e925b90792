import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  compressRuns,
  decodeCocoRle,
  encodeCocoRle,
  maskFromRuns,
  parseCocoRle,
  runsArea,
  runsBox,
  runsFromCoco,
  runsFromMask,
  runsIou,
  type CocoRle,
} from "./coco-rle.ts";
import { decodeCvatMask, encodeCvatMask } from "./cvat-rle.ts";
import { decodeBrush, encodeBrush } from "./label-studio-rle.ts";
import { maskArea, maskBox, maskIou, type BinaryMask } from "./mask.ts";
import { decodeIndexedPng, decodeMaskPng, encodeIndexedPng, encodeMaskPng } from "./png.ts";
import { maskFromPolygons, polygonsFromMask } from "./polygons.ts";

const REAL = new URL("../../../../../shared/data/simpler-real-images/", import.meta.url);
const hasReal = existsSync(REAL);

function maskOf(...rows: string[]): BinaryMask {
  const data = Uint8Array.from(rows.join(""), Number);
  return { heightPx: rows.length, widthPx: rows[0]!.length, data };
}

const masks = fc
  .tuple(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 1, max: 24 }), fc.nat(), fc.integer({ min: 0, max: 100 }))
  .map(([heightPx, widthPx, seed, density]): BinaryMask => {
    let state = seed + 1;
    const data = Uint8Array.from({ length: heightPx * widthPx }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32 < density / 100 ? 1 : 0;
    });
    return { heightPx, widthPx, data };
  });

test("the small published vector encodes and decodes", () => {
  const mask = maskOf("011", "010", "110", "100");
  expect([...runsFromMask(mask).counts]).toEqual([2, 5, 1, 1, 3]);
  expect(encodeCocoRle(mask)).toEqual({ size: [4, 3], counts: "251L2" });
  expect(decodeCocoRle({ size: [4, 3], counts: "251L2" })).toEqual(mask);
  expect(decodeCocoRle({ size: [4, 3], counts: [2, 5, 1, 1, 3] })).toEqual(mask);
});

test("the 100 x 100 box vector gives the published run lengths and string", () => {
  const data = new Uint8Array(100 * 100);
  for (let y = 20; y < 60; y++) data.fill(1, y * 100 + 30, y * 100 + 80);
  const runs = runsFromMask({ heightPx: 100, widthPx: 100, data });
  expect([...runs.counts.slice(0, 5)]).toEqual([3020, 40, 60, 40, 60]);
  expect(runs.counts).toHaveLength(101);
  const { counts } = compressRuns(runs);
  expect(counts.startsWith("\\n2X1l1000")).toBe(true);
  expect(runsBox(runs)).toEqual({ x0: 30, y0: 20, x1: 80, y1: 60 });
});

test.skipIf(!hasReal)("the hand-made eggplant mask gives the published area, box and string (needs ../shared)", () => {
  const mask = decodeMaskPng(readFileSync(new URL("real_inpainting/bridge/bridge_sink_calibrate_mask.png", REAL)));
  const runs = runsFromMask(mask);
  const { counts } = compressRuns(runs);
  expect([mask.widthPx, mask.heightPx, maskArea(mask), runsArea(runs)]).toEqual([640, 480, 5872, 5872]);
  expect(maskBox(mask)).toEqual({ x0: 358, y0: 256, x1: 461, y1: 353 });
  expect([runs.counts.length, counts.length, counts.slice(0, 12)]).toEqual([207, 214, "hSX5:c>7J5K4"]);
  expect(Buffer.compare(maskFromRuns(runsFromCoco({ size: [480, 640], counts })).data, mask.data)).toBe(0);
});

test.skipIf(!hasReal)("every real mask listed has the listed area and survives all encodings (needs ../shared)", () => {
  const index = JSON.parse(readFileSync(new URL("mask-index.json", REAL), "utf8")) as { mask: string; area: number }[];
  for (const { mask: file, area } of index) {
    const mask = decodeMaskPng(readFileSync(new URL(file, REAL)));
    expect(maskArea(mask)).toBe(area);
    roundTrips(mask);
  }
});

/** Every encoding gives the same pixels back. */
function roundTrips(mask: BinaryMask): void {
  const { heightPx, widthPx } = mask;
  const same = (other: BinaryMask) => {
    expect([other.heightPx, other.widthPx, Buffer.compare(other.data, mask.data)]).toEqual([heightPx, widthPx, 0]);
  };
  same(decodeCocoRle(encodeCocoRle(mask)));
  same(decodeMaskPng(encodeMaskPng(mask)));
  same(decodeIndexedPng(encodeIndexedPng(mask)));
  same(decodeBrush(encodeBrush(mask), { heightPx, widthPx }));
  const cvat = encodeCvatMask(mask);
  if (cvat !== undefined) same(decodeCvatMask(cvat, { heightPx, widthPx }));
  const { rings, hasHoles } = polygonsFromMask(mask);
  same(maskFromPolygons(rings, { heightPx, widthPx }, "even-odd"));
  if (!hasHoles) same(maskFromPolygons(rings, { heightPx, widthPx }));
}

test("any mask survives every encoding, and area and box agree between pixels and run lengths", () => {
  fc.assert(
    fc.property(masks, (mask) => {
      roundTrips(mask);
      const runs = runsFromMask(mask);
      expect(runsArea(runs)).toBe(maskArea(mask));
      expect(runsBox(runs)).toEqual(maskBox(mask));
    }),
    { numRuns: 150 },
  );
});

test("intersection over union agrees between pixels and run lengths", () => {
  fc.assert(
    fc.property(masks, fc.nat(), (a, shift) => {
      const b = { ...a, data: a.data.map((_, i) => a.data[(i + shift) % a.data.length]!) };
      expect(runsIou(runsFromMask(a), runsFromMask(b))).toBeCloseTo(maskIou(a, b), 12);
    }),
  );
});

test("masks of different image sizes are refused", () => {
  const [a, b] = [maskOf("01", "10"), maskOf("010", "101")];
  expect(() => maskIou(a, b)).toThrow(expect.objectContaining({ code: "PVLA_MASK_SIZE" }));
  expect(() => runsIou(runsFromMask(a), runsFromMask(b))).toThrow(expect.objectContaining({ code: "PVLA_MASK_SIZE" }));
});

test("a polygon with a hole keeps it under even-odd filling", () => {
  const mask = maskOf("11111", "10001", "10101", "10001", "11111");
  const { rings, hasHoles } = polygonsFromMask(mask);
  expect([rings.length, hasHoles]).toEqual([3, true]);
  expect(maskFromPolygons(rings, { heightPx: 5, widthPx: 5 }, "even-odd")).toEqual(mask);
});

test.each<[string, CocoRle]>([
  ["a character outside the alphabet", { size: [4, 3], counts: "2 5" }],
  ["a string cut inside a run", { size: [4, 3], counts: "25\\" }],
  ["runs that do not fill the image", { size: [4, 3], counts: "25" }],
  ["a negative run", { size: [4, 3], counts: "OOO" }],
  ["a run of too many bits", { size: [4, 3], counts: "oooooooooo0" }],
  ["fractional counts", { size: [4, 3], counts: [0.5, 11.5] }],
  ["a size of zero", { size: [0, 3], counts: "0" }],
  ["a size far beyond any image", { size: [30000, 30000], counts: "0" }],
  ["a size that is no list", { size: "4x3" as unknown as [number, number], counts: "251L2" }],
  ["counts that are an object", { size: [4, 3], counts: {} as unknown as string }],
])("%s is refused with a sentence", (_, rle) => {
  expect(() => runsFromCoco(rle, "frame 3")).toThrow(expect.objectContaining({ code: "PVLA_MASK_DECODE" }));
});

test("no string at all makes the RLE parser do anything but decode or refuse", () => {
  const noisy = fc.string({
    unit: fc.constantFrom(...Array.from({ length: 80 }, (_, i) => String.fromCharCode(40 + i))),
  });
  fc.assert(
    fc.property(
      fc.oneof(noisy, fc.string()),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      (counts, h, w) => {
        try {
          expect(runsArea(runsFromCoco({ size: [h, w], counts }))).toBeLessThanOrEqual(h * w);
        } catch (error) {
          expect(error).toMatchObject({ code: "PVLA_MASK_DECODE" });
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test("no JSON text makes the mask column's parser do anything but decode or refuse", () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
      expect(() => parseCocoRle(text)).toThrow(expect.objectContaining({ code: "PVLA_MASK_DECODE" }));
    }),
  );
});

test("a damaged PNG or brush mask is refused, never crashes", () => {
  const mask = maskOf("0110", "0110", "0000");
  const png = encodeMaskPng(mask);
  const brush = encodeBrush(mask);
  fc.assert(
    fc.property(fc.nat(png.length - 1), fc.integer({ min: 1, max: 255 }), fc.nat(brush.length - 1), (at, flip, at2) => {
      const damaged = png.slice();
      damaged[at]! ^= flip;
      expect(() => decodeMaskPng(damaged)).toThrow(expect.objectContaining({ code: "PVLA_MASK_DECODE" }));
      const other = brush.map((value, i) => (i === at2 ? value ^ flip : value));
      try {
        decodeBrush(other, mask);
      } catch (error) {
        expect(error).toMatchObject({ code: "PVLA_MASK_DECODE" });
      }
    }),
  );
});

test("a CVAT box outside the image is refused", () => {
  const outside = { rle: [0, 4], left: 3, top: 0, width: 2, height: 2 };
  expect(() => decodeCvatMask(outside, { heightPx: 4, widthPx: 4 })).toThrow(
    expect.objectContaining({ code: "PVLA_MASK_DECODE" }),
  );
});

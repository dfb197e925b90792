import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeMask, encodeMask, maskArea } from "./rle.ts";

test("a mask survives the way to the host and back", () => {
  const mask = fc
    .record({ widthPx: fc.integer({ min: 1, max: 40 }), heightPx: fc.integer({ min: 1, max: 40 }) })
    .chain(({ widthPx, heightPx }) =>
      fc
        .array(fc.constantFrom(0, 255), { minLength: widthPx * heightPx, maxLength: widthPx * heightPx })
        .map((pixels) => ({ widthPx, heightPx, data: Uint8Array.from(pixels) })),
    );
  fc.assert(
    fc.property(mask, (given) => {
      expect(decodeMask(encodeMask(given))).toEqual(given);
    }),
  );
});

test("the text is the one that COCO's own tools write", () => {
  // pycocotools.mask.encode of a 4 x 3 (rows x columns) mask with object pixels (1, 0), (2, 0), (0, 1), (1, 1), (2, 1)
  const mask = { widthPx: 3, heightPx: 4, data: Uint8Array.from([0, 255, 0, 255, 255, 0, 255, 255, 0, 0, 0, 0]) };
  expect(encodeMask(mask)).toEqual({ size: [4, 3], counts: "12114" });
  expect(maskArea(mask)).toBe(5);
});

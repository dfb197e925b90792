import fc from "fast-check";
import { expect, test } from "vitest";
import { mergedPatches, relativePositions, swinWindows } from "./swin-windows.ts";

const side = fc.integer({ min: 1, max: 20 });

test("every token has one place in the windows, and the place leads back to it", () => {
  fc.assert(
    fc.property(side, side, fc.integer({ min: 1, max: 7 }), fc.boolean(), (rows, columns, size, shifted) => {
      const windows = swinWindows(rows, columns, size, shifted ? Math.floor(size / 2) : 0);
      windows.positionOf.forEach((position, token) => {
        expect(windows.tokenOf[Number(position)]).toBe(BigInt(token));
      });
      const padding = [...windows.tokenOf].filter((t) => t === BigInt(rows * columns)).length;
      expect(padding).toBe(windows.nWindows * windows.area - rows * columns);
      expect(windows.padded).toBe(padding > 0);
    }),
  );
});

test("shifted windows keep apart what the shift brought together", () => {
  const { mask, nWindows, area } = swinWindows(4, 4, 2, 1);
  expect([nWindows, area]).toEqual([4, 4]);
  // The first window is whole; the last one holds the picture's four corners.
  expect([...mask!.subarray(0, 16)].every((m) => m === 0)).toBe(true);
  expect([...mask!.subarray(48, 64)].filter((m) => m === -100)).toHaveLength(12);
  expect(swinWindows(4, 4, 2, 0).mask).toBeUndefined();
});

test("relative positions and merged patches are in transformers' order", () => {
  expect([...relativePositions(2)].map(Number)).toEqual([4, 3, 1, 0, 5, 4, 2, 1, 7, 6, 4, 3, 8, 7, 5, 4]);
  expect([...mergedPatches(2, 3)].map(Number)).toEqual([0, 3, 1, 4, 2, 5, 6, 6]);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { maskEdges } from "./mask-outline.ts";

test("one pixel has four edges, a row of two has one long edge above and below", () => {
  expect(maskEdges(Uint8Array.of(255), 1, 1)).toHaveLength(4);
  expect(maskEdges(Uint8Array.of(255, 255), 2, 1)).toContainEqual([0, 0, 2, 0]);
});

test("the length of the outline is the number of borders between object and background", () => {
  const shape = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })).chain(([width, height]) =>
    fc.record({
      width: fc.constant(width),
      height: fc.constant(height),
      mask: fc.array(fc.constantFrom(0, 255), { minLength: width * height, maxLength: width * height }),
    }),
  );
  fc.assert(
    fc.property(shape, ({ width, height, mask }) => {
      const at = (x: number, y: number) => (x < 0 || y < 0 || x >= width || y >= height ? 0 : mask[y * width + x]!);
      let borders = 0;
      for (let y = 0; y <= height; y++)
        for (let x = 0; x <= width; x++) {
          if (x < width && at(x, y) !== at(x, y - 1)) borders++;
          if (y < height && at(x, y) !== at(x - 1, y)) borders++;
        }
      const length = maskEdges(Uint8Array.from(mask), width, height).reduce(
        (sum, run) => sum + Math.abs(run[2]! - run[0]!) + Math.abs(run[3]! - run[1]!),
        0,
      );
      expect(length).toBe(borders);
    }),
  );
});

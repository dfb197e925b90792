import fc from "fast-check";
import { expect, test } from "vitest";
import { resizeWeights } from "./resize.ts";

const kernels = fc.constantFrom("nearest", "bilinear", "bicubic", "area" as const);

test("weights of every output pixel sum to one", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      kernels,
      fc.boolean(),
      (from, to, kernel, antialias) => {
        const weights = resizeWeights(from, to, { kernel, antialias });
        for (let o = 0; o < to; o++) {
          const total = weights.subarray(o * from, (o + 1) * from).reduce((a, b) => a + b, 0);
          expect(total).toBeCloseTo(1, 4);
        }
      },
    ),
  );
});

test("resizing to the same size changes nothing", () => {
  for (const kernel of ["nearest", "bilinear", "bicubic", "area"] as const) {
    const weights = resizeWeights(5, 5, { kernel });
    expect([...weights].map((w, i) => (i % 6 === 0 ? w === 1 : Math.abs(w) < 1e-7))).not.toContain(false);
  }
});

test("area keeps the total coverage of a mask", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }), (from, to) => {
      const weights = resizeWeights(from, to, { kernel: "area" });
      for (let i = 0; i < from; i++) {
        let column = 0;
        for (let o = 0; o < to; o++) column += weights[o * from + i]!;
        expect(column).toBeCloseTo(to / from, 4);
      }
    }),
  );
});

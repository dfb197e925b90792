import fc from "fast-check";
import { expect, test } from "vitest";
import { gridShape } from "./columns.ts";

test("cards fill the width exactly and keep near the wanted size", () => {
  fc.assert(
    fc.property(fc.integer({ min: 200, max: 4000 }), fc.constantFrom(96, 144, 200), (widthPx, wantedPx) => {
      const { nColumns, cardPx } = gridShape(widthPx, wantedPx, 1);
      expect(nColumns * cardPx + (nColumns - 1) * 8).toBeCloseTo(widthPx);
      expect(cardPx).toBeGreaterThan(wantedPx * 0.6);
      expect(cardPx).toBeLessThan(wantedPx * 1.6);
    }),
  );
});

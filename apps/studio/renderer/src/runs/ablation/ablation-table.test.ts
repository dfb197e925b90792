import { expect, test } from "vitest";
import type { AblationCell } from "../../host/types.ts";
import { isClearBest } from "./ablation-table.tsx";

const cell = (share: number, low: number, high: number) => ({ success: { share, low, high } }) as AblationCell;

test("the best is bold only where its interval clears every other one", () => {
  const [clear, near, low] = [cell(0.9, 0.8, 0.95), cell(0.7, 0.6, 0.79), cell(0.2, 0.1, 0.3)];
  expect(isClearBest(clear, [clear, near, low])).toBe(true);
  expect(isClearBest(near, [clear, near, low])).toBe(false);
  expect(isClearBest(clear, [clear, cell(0.85, 0.75, 0.9)])).toBe(false);
  expect(isClearBest({ success: undefined } as unknown as AblationCell, [low])).toBe(false);
});

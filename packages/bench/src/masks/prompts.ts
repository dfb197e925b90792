import type { VisualPrompt } from "../policies/policy.ts";
import { momentsOf } from "./mask-operations.ts";

/** The kinds of visual prompt, as in the paper. */
export const PROMPT_KINDS = ["point", "line", "box", "mask"] as const;
export type PromptKind = (typeof PROMPT_KINDS)[number];

/**
 * The prompt a person would give for a mask: the set pixel nearest to the centre, the principal axis, the bounding box, or the
 * mask itself. Undefined for an empty mask.
 */
export function promptOf(mask: Uint8Array, widthPx: number, kind: PromptKind): VisualPrompt | undefined {
  const moments = momentsOf(mask, widthPx);
  if (!moments) return undefined;
  const { xPx, yPx, angleRad, halfLengthPx } = moments;
  switch (kind) {
    case "mask":
      return { kind, mask };
    case "point": {
      let [best, bestDistance] = [0, Infinity];
      mask.forEach((value, i) => {
        const distance = Math.hypot((i % widthPx) - xPx, Math.floor(i / widthPx) - yPx);
        if (value && distance < bestDistance) [best, bestDistance] = [i, distance];
      });
      return { kind, xPx: best % widthPx, yPx: Math.floor(best / widthPx) };
    }
    case "line": {
      const [dx, dy] = [halfLengthPx * Math.cos(angleRad), halfLengthPx * Math.sin(angleRad)];
      return { kind, fromPx: [xPx - dx, yPx - dy], toPx: [xPx + dx, yPx + dy] };
    }
    case "box": {
      const min: [number, number] = [Infinity, Infinity];
      const max: [number, number] = [-Infinity, -Infinity];
      mask.forEach((value, i) => {
        if (!value) return;
        const at = [i % widthPx, Math.floor(i / widthPx)] as const;
        for (const axis of [0, 1] as const) {
          min[axis] = Math.min(min[axis], at[axis]);
          max[axis] = Math.max(max[axis], at[axis]);
        }
      });
      return { kind, minPx: min, maxPx: max };
    }
  }
}

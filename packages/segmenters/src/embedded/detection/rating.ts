import type { PhraseLook } from "../phrase.ts";
import type { Window } from "../regions/window.ts";
import type { Candidate } from "./candidates.ts";

/** Applies size and side words, and doubts specks and what the picture's border cuts; best first. */
export function rated(candidates: readonly Candidate[], window: Window, look: PhraseLook): Candidate[] {
  const largest = Math.max(1, ...candidates.map(({ pixels }) => pixels.length));
  return candidates
    .map((candidate) => ({ ...candidate, score: candidate.score * factor(candidate, window, look, largest) }))
    .sort((a, b) => b.score - a.score);
}

function factor({ pixels, box }: Candidate, { widthPx, heightPx }: Window, look: PhraseLook, largest: number): number {
  const size = pixels.length / largest;
  const bySize =
    look.size === "small" ? 1 - 0.4 * size : look.size === "large" ? 0.6 + 0.4 * size : 0.6 + 0.4 * Math.sqrt(size);
  const x = (box.x0 + box.x1) / 2 / widthPx;
  const y = (box.y0 + box.y1) / 2 / heightPx;
  const along = { left: 1 - x, right: x, top: 1 - y, bottom: y };
  const bySide = look.side === undefined ? 1 : 0.5 + 0.5 * along[look.side];
  return bySize * bySide;
}

import { fitMixture, mixtureCost } from "./gaussian-mixture.ts";
import { FORWARD, minCut } from "./min-cut.ts";
import { bytes } from "../arrays.ts";

/** What is known of a pixel before the cut. */
export const HINT = { background: 0, perhapsBackground: 1, perhapsObject: 2, object: 3 } as const;

/** A picture to cut and what is known of it. N = H x W. */
export interface CutRequest {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Oklab `[N, 3]`. */
  readonly colours: Float32Array;
  /** `[N]` of `HINT`. */
  readonly hints: Uint8Array;
  /** `[N]` log odds of being object from elsewhere, added to the colours' evidence. */
  readonly prior?: Float32Array;
  /** Fits and cuts; default 4. */
  readonly rounds?: number;
}

export interface Cut {
  /** `[N]` in {0, 1}. */
  readonly mask: Uint8Array;
  /** How much better, in nats a pixel, the object's colours explain it than the background's do; from the last round. */
  readonly separation: number;
}

/** Smoothness against colour evidence (GrabCut's gamma), for colours in Oklab. */
const GAMMA = 12;
/** The same where the evidence is more than a mixture fitted on the spot: small parts are not smoothed away. */
const GAMMA_OF_EVIDENCE = 3;
/** No single pixel's colour may weigh more than this, in nats. */
const MOST_EVIDENCE = 9;
const CERTAIN = 1e4;

/**
 * Separates an object from its surroundings: a mixture of colours for each, then the minimum cut, in turns. Deterministic.
 *
 * Source: Rother, Kolmogorov, Blake, "GrabCut", SIGGRAPH 2004; on Oklab.
 */
export function cutObject(request: CutRequest): Cut {
  const { widthPx, heightPx, colours, hints, prior, rounds = 4 } = request;
  const n = widthPx * heightPx;
  const edges = contrastEdges(colours, widthPx, heightPx, GAMMA);
  let mask = bytes(n, (i) => (hints[i]! >= HINT.perhapsObject ? 1 : 0));
  const evidence = new Float32Array(n);
  for (let round = 0; round < rounds; round++) {
    const objects: number[] = [];
    const others: number[] = [];
    for (let i = 0; i < n; i++) (mask[i] === 1 ? objects : others).push(i);
    if (objects.length === 0) break;
    const object = fitMixture(colours, objects);
    const other = fitMixture(colours, others);
    const source = new Float32Array(n);
    const sink = new Float32Array(n);
    for (let i = 0; i < n; i++) {
      const colour = mixtureCost(other, colours, i) - mixtureCost(object, colours, i);
      evidence[i] = Math.max(-MOST_EVIDENCE, Math.min(MOST_EVIDENCE, colour)) + (prior?.[i] ?? 0);
      if (hints[i] === HINT.object) source[i] = CERTAIN;
      else if (hints[i] === HINT.background) sink[i] = CERTAIN;
      else if (evidence[i]! > 0) source[i] = evidence[i]!;
      else sink[i] = -evidence[i]!;
    }
    const next = minCut({ widthPx, heightPx, source, sink, edges });
    const same = next.every((value, i) => value === mask[i]);
    mask = next;
    if (same) break;
  }
  let [inside, nInside] = [0, 0];
  for (let i = 0; i < n; i++) if (mask[i] === 1) [inside, nInside] = [inside + evidence[i]!, nInside + 1];
  return { mask, separation: nInside === 0 ? 0 : inside / nInside };
}

/**
 * The minimum cut for evidence that is known beforehand: `[N]` log odds of being object. For objects whose colours are known from
 * elsewhere, which a mixture fitted anew could only blur.
 */
export function cutByEvidence({
  widthPx,
  heightPx,
  colours,
  evidence,
}: Pick<CutRequest, "widthPx" | "heightPx" | "colours"> & { readonly evidence: Float32Array }): Uint8Array {
  const edges = contrastEdges(colours, widthPx, heightPx, GAMMA_OF_EVIDENCE);
  const source = evidence.map((odds) => Math.max(0, odds));
  const sink = evidence.map((odds) => Math.max(0, -odds));
  return minCut({ widthPx, heightPx, source, sink, edges });
}

/** Capacities between neighbours: high where colours are alike. */
function contrastEdges(colours: Float32Array, widthPx: number, heightPx: number, gamma: number): Float32Array[] {
  const n = widthPx * heightPx;
  const edges = FORWARD.map(() => new Float32Array(n));
  let [sum, count] = [0, 0];
  FORWARD.forEach(([dx, dy], k) => {
    const out = edges[k]!;
    for (let y = 0; y + dy < heightPx; y++)
      for (let x = Math.max(0, -dx); x < widthPx && x + dx < widthPx; x++) {
        const i = y * widthPx + x;
        const j = (i + dy * widthPx + dx) * 3;
        const [l, a, b] = [
          colours[3 * i]! - colours[j]!,
          colours[3 * i + 1]! - colours[j + 1]!,
          colours[3 * i + 2]! - colours[j + 2]!,
        ];
        out[i] = l * l + a * a + b * b;
        sum += out[i];
        count++;
      }
  });
  const beta = count === 0 || sum === 0 ? 0 : count / (2 * sum);
  FORWARD.forEach(([dx, dy], k) => {
    const out = edges[k]!;
    const scale = gamma / Math.hypot(dx, dy);
    for (let y = 0; y + dy < heightPx; y++)
      for (let x = Math.max(0, -dx); x < widthPx && x + dx < widthPx; x++) {
        const i = y * widthPx + x;
        out[i] = scale * Math.exp(-beta * out[i]!);
      }
  });
  return edges;
}

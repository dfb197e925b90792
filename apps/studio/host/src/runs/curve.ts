/** A line of a chart: x ascending as recorded, both of equal length. */
export interface Line {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Points of a metric that are numbers; the same arrays where all are. */
export function presentPoints(x: Float64Array, y: Float64Array): Line {
  let nMissing = 0;
  for (let i = 0; i < x.length; i++) if (!(x[i]! - x[i]! === 0 && y[i]! - y[i]! === 0)) nMissing++; // NaN and infinities
  if (nMissing === 0) return { x, y };
  const isPresent = (_: number, i: number) => Number.isFinite(x[i]) && Number.isFinite(y[i]);
  return { x: x.filter(isPresent), y: y.filter(isPresent) };
}

/** Exponential mean of every point with the weight of the past `smoothing`, corrected for its start (as TensorBoard does). */
export function smooth(y: Float64Array, smoothing: number): Float64Array {
  if (smoothing === 0) return y;
  const out = new Float64Array(y.length);
  let mean = 0;
  let past = 1;
  for (let i = 0; i < y.length; i++) {
    mean = smoothing * mean + (1 - smoothing) * y[i]!;
    past *= smoothing;
    out[i] = mean / (1 - past);
  }
  return out;
}

/** The part of a line between two x, with one point beyond each end so that it reaches the edges. */
export function cropped({ x, y }: Line, range: { readonly start: number; readonly end: number } | undefined): Line {
  if (range === undefined || x.length === 0) return { x, y };
  let first = 0;
  while (first < x.length && x[first]! < range.start) first++;
  let last = x.length - 1;
  while (last >= 0 && x[last]! > range.end) last--;
  const from = Math.max(0, first - 1);
  const to = Math.min(x.length, last + 2);
  return from < to
    ? { x: x.subarray(from, to), y: y.subarray(from, to) }
    : { x: x.subarray(0, 0), y: y.subarray(0, 0) };
}

/** At most `maxPoints` points that keep every visible extreme: first, lowest, highest and last of each stretch. */
export function thinned({ x, y }: Line, maxPoints: number): Line {
  const n = x.length;
  if (n <= maxPoints) return { x, y };
  const nStretches = Math.max(1, Math.floor(maxPoints / 4));
  const keep: number[] = [];
  for (let s = 0; s < nStretches; s++) {
    const start = Math.floor((s * n) / nStretches);
    const end = Math.floor(((s + 1) * n) / nStretches);
    let low = start;
    let high = start;
    for (let i = start + 1; i < end; i++) {
      if (y[i]! < y[low]!) low = i;
      if (y[i]! > y[high]!) high = i;
    }
    const four = [start, Math.min(low, high), Math.max(low, high), end - 1];
    for (const i of four) if (i !== keep.at(-1)) keep.push(i);
  }
  return { x: Float64Array.from(keep, (i) => x[i]!), y: Float64Array.from(keep, (i) => y[i]!) };
}

/**
 * Mean of the line in each of `nBins` equal bins of [start, end], `[nBins]`; a bin between points is interpolated, one beyond the
 * line's ends is NaN.
 */
export function binned({ x, y }: Line, start: number, end: number, nBins: number): Float32Array {
  const sums = new Float64Array(nBins);
  const counts = new Int32Array(nBins);
  const scale = end > start ? nBins / (end - start) : 0;
  for (let i = 0; i < x.length; i++) {
    const bin = Math.min(nBins - 1, Math.max(0, Math.floor((x[i]! - start) * scale)));
    sums[bin]! += y[i]!;
    counts[bin]!++;
  }
  const out = new Float32Array(nBins).fill(NaN);
  let last = -1;
  for (let bin = 0; bin < nBins; bin++) {
    if (counts[bin] === 0) continue;
    out[bin] = sums[bin]! / counts[bin]!;
    for (let gap = last + 1; last >= 0 && gap < bin; gap++)
      out[gap] = out[last]! + ((out[bin]! - out[last]!) * (gap - last)) / (bin - last);
    last = bin;
  }
  return out;
}

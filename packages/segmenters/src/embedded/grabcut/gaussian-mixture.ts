/** Most pixels a mixture is fitted on; more only cost time. */
const MAX_SAMPLES = 4000;
/** Added to every variance: sensor noise, and no mixture may be sure of one exact colour. */
const FLOOR = 1.5e-4;

/** A mixture of K Gaussians over three-channel colours. */
export interface GaussianMixture {
  /** `[K, 13]`: log of weight over normaliser, mean (3), inverse covariance (9). */
  readonly components: Float64Array;
  readonly nComponents: number;
}

/**
 * Fits a mixture to the colours `[N, 3]` of the pixels in `pixels` by k-means and then one Gaussian a cluster, as GrabCut does.
 * Deterministic. With no pixel it is broad and grey.
 */
export function fitMixture(colours: Float32Array, pixels: readonly number[], nComponents = 5): GaussianMixture {
  const stride = Math.max(1, Math.floor(pixels.length / MAX_SAMPLES));
  const samples = stride === 1 ? pixels : pixels.filter((_, i) => i % stride === 0);
  const k = Math.max(1, Math.min(nComponents, Math.floor(samples.length / 8)));
  const assigned = kMeans(colours, samples, k);
  const components = new Float64Array(13 * k);
  for (let j = 0; j < k; j++) fitComponent(colours, samples, assigned, j, components.subarray(13 * j, 13 * j + 13));
  return { components, nComponents: k };
}

/** -log of the density at colour `i`. */
export function mixtureCost({ components, nComponents }: GaussianMixture, colours: Float32Array, i: number): number {
  let density = 0;
  for (let j = 0; j < nComponents; j++) {
    const c = 13 * j;
    const x = colours[3 * i]! - components[c + 1]!;
    const y = colours[3 * i + 1]! - components[c + 2]!;
    const z = colours[3 * i + 2]! - components[c + 3]!;
    const q =
      x * (components[c + 4]! * x + 2 * components[c + 5]! * y + 2 * components[c + 6]! * z) +
      y * (components[c + 8]! * y + 2 * components[c + 9]! * z) +
      components[c + 12]! * z * z;
    density += Math.exp(components[c]! - 0.5 * q);
  }
  return -Math.log(density + 1e-9);
}

/** Cluster of every sample. Starts from the sample farthest from those chosen before. */
function kMeans(colours: Float32Array, samples: readonly number[], k: number): Uint8Array {
  const centres = new Float64Array(3 * k);
  const nearest = new Float64Array(samples.length).fill(Infinity);
  const assigned = new Uint8Array(samples.length);
  for (let j = 0, chosen = 0; j < k; j++) {
    for (let c = 0; c < 3; c++) centres[3 * j + c] = colours[3 * (samples[chosen] ?? 0) + c] ?? 0;
    let far = -1;
    samples.forEach((pixel, s) => {
      const d = squared(colours, pixel, centres, j);
      if (d < nearest[s]!) nearest[s] = d;
      if (nearest[s]! > far) [far, chosen] = [nearest[s]!, s];
    });
  }
  for (let round = 0; round < 6; round++) {
    const sums = new Float64Array(4 * k);
    samples.forEach((pixel, s) => {
      let best = 0;
      for (let j = 1; j < k; j++)
        if (squared(colours, pixel, centres, j) < squared(colours, pixel, centres, best)) best = j;
      assigned[s] = best;
      for (let c = 0; c < 3; c++) sums[4 * best + c]! += colours[3 * pixel + c]!;
      sums[4 * best + 3]!++;
    });
    for (let j = 0; j < k; j++)
      for (let c = 0; c < 3; c++) if (sums[4 * j + 3]! > 0) centres[3 * j + c] = sums[4 * j + c]! / sums[4 * j + 3]!;
  }
  return assigned;
}

function squared(colours: Float32Array, pixel: number, centres: Float64Array, j: number): number {
  const x = colours[3 * pixel]! - centres[3 * j]!;
  const y = colours[3 * pixel + 1]! - centres[3 * j + 1]!;
  const z = colours[3 * pixel + 2]! - centres[3 * j + 2]!;
  return x * x + y * y + z * z;
}

function fitComponent(
  colours: Float32Array,
  samples: readonly number[],
  assigned: Uint8Array,
  j: number,
  out: Float64Array,
): void {
  let n = 0;
  const mean = [0, 0, 0];
  samples.forEach((pixel, s) => {
    if (assigned[s] !== j) return;
    n++;
    for (let c = 0; c < 3; c++) mean[c]! += colours[3 * pixel + c]!;
  });
  if (n === 0 && samples.length > 0) {
    out[0] = -Infinity;
    return;
  }
  for (let c = 0; c < 3; c++) mean[c] = n === 0 ? [0.5, 0, 0][c]! : mean[c]! / n;
  const floor = n === 0 ? 0.1 : FLOOR;
  const v = [floor, 0, 0, floor, 0, floor]; // xx xy xz yy yz zz
  samples.forEach((pixel, s) => {
    if (assigned[s] !== j) return;
    const d = [0, 1, 2].map((c) => colours[3 * pixel + c]! - mean[c]!) as [number, number, number];
    [d[0] * d[0], d[0] * d[1], d[0] * d[2], d[1] * d[1], d[1] * d[2], d[2] * d[2]].forEach(
      (value, at) => (v[at]! += value / n),
    );
  });
  const [xx, xy, xz, yy, yz, zz] = v as [number, number, number, number, number, number];
  const determinant = xx * (yy * zz - yz * yz) - xy * (xy * zz - yz * xz) + xz * (xy * yz - yy * xz);
  const weight = samples.length === 0 ? 1 : n / samples.length;
  out[0] = Math.log(weight) - 0.5 * Math.log(determinant) - 1.5 * Math.log(2 * Math.PI);
  out.set(mean, 1);
  const inverse = [
    yy * zz - yz * yz, xz * yz - xy * zz, xy * yz - xz * yy,
    xz * yz - xy * zz, xx * zz - xz * xz, xy * xz - xx * yz,
    xy * yz - xz * yy, xy * xz - xx * yz, xx * yy - xy * xy,
  ]; // prettier-ignore
  inverse.forEach((value, at) => (out[4 + at] = value / determinant));
}

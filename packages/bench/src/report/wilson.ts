/** A share with its 95 % Wilson score interval; all in [0, 1]. */
export interface Interval {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

const Z95 = 1.959963984540054;

/** Wilson score interval of `nSuccesses` out of `n`; without episodes nothing is known: [0, 1]. */
export function wilson(nSuccesses: number, n: number, z: number = Z95): Interval {
  if (n === 0) return { share: Number.NaN, low: 0, high: 1 };
  const share = nSuccesses / n;
  const centre = share + (z * z) / (2 * n);
  const spread = z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  const scale = 1 + (z * z) / n;
  return {
    share,
    low: nSuccesses === 0 ? 0 : (centre - spread) / scale,
    high: nSuccesses === n ? 1 : (centre + spread) / scale,
  };
}

/**
 * The smallest difference of two success rates around `share` that `n` episodes an arm show with 80 % power at the 5 % level
 * (unpaired; pairing by seed only helps).
 */
export function detectableDifference(n: number, share = 0.5): number {
  return (Z95 + 0.8416212335729143) * Math.sqrt((2 * share * (1 - share)) / n);
}

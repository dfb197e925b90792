/** A well-mixed 32-bit hash of some integers: the sampler's only source of chance, so that any point can be computed anew. */
export function hash32(...parts: readonly number[]): number {
  let h = 0x9e3779b9;
  for (const part of parts) {
    h = Math.imul(h ^ part, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13) ^ Math.floor(part / 2 ** 32), 0xc2b2ae35);
    h ^= h >>> 16;
  }
  return h >>> 0;
}

/** A number in [0, 1) from some integers, 53 bits. */
export function uniform(...parts: readonly number[]): number {
  return (hash32(...parts, 1) * 2 ** 21 + (hash32(...parts, 2) >>> 11)) / 2 ** 53;
}

/**
 * A random permutation of 0..n-1 in constant memory: `permute(i)` is a keyed Feistel network over the next power of four,
 * walked until it lands below n.
 */
export function permutation(n: number, ...key: readonly number[]): (index: number) => number {
  const halfBits = Math.max(1, Math.ceil(Math.log2(Math.max(2, n)) / 2));
  const half = 2 ** halfBits;
  const keys = [0, 1, 2, 3].map((round) => hash32(...key, round));
  const scramble = (value: number): number => {
    let left = Math.floor(value / half);
    let right = value % half;
    for (const roundKey of keys) [left, right] = [right, (left ^ hash32(right, roundKey)) & (half - 1)];
    return (left >>> 0) * half + (right >>> 0);
  };
  return (index) => {
    let value = scramble(index);
    while (value >= n) value = scramble(value);
    return value;
  };
}

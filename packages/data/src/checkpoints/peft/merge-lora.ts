/**
 * W + (alpha / r) B A: a base weight `[out, in]` with its adapter `A` `[r, in]`, `B` `[out, r]` folded in. The sum is
 * taken in double precision, as peft merges in float32 and casts back.
 */
export function mergeLora(
  weight: Float32Array,
  a: Float32Array,
  b: Float32Array,
  rank: number,
  alpha: number,
): Float32Array {
  const inputs = a.length / rank;
  const outputs = b.length / rank;
  const merged = new Float32Array(weight);
  const row = new Float64Array(inputs);
  for (let o = 0; o < outputs; o++) {
    row.fill(0);
    for (let r = 0; r < rank; r++) {
      const scale = (b[o * rank + r]! * alpha) / rank;
      for (let i = 0; i < inputs; i++) row[i] = row[i]! + scale * a[r * inputs + i]!;
    }
    for (let i = 0; i < inputs; i++) merged[o * inputs + i] = weight[o * inputs + i]! + row[i]!;
  }
  return merged;
}

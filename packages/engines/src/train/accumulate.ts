/** sum = values when `first`, else sum + values, in place. */
export function accumulate(sum: Float32Array, values: Float32Array, first: boolean): void {
  if (first) {
    sum.set(values);
    return;
  }
  for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + values[i]!;
}

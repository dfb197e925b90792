/**
 * Quantile by linear interpolation, NumPy's default, of float32 values: the order statistics beside `q (n - 1)` and their
 * weighted mean in float64. Reorders `values`. NaN when any value is NaN or there is none.
 */
export function quantile(values: Float32Array, q: number): number {
  if (values.length === 0 || values.some(Number.isNaN)) return NaN;
  const position = q * (values.length - 1);
  const below = Math.floor(position);
  const a = select(values, below);
  const weight = position - below;
  if (weight === 0) return a;
  const b = smallest(values, below + 1);
  const gap = Math.fround(b - a); // NumPy subtracts in the values' own precision
  return weight < 0.5 ? a + gap * weight : b - gap * (1 - weight);
}

/** The k-th smallest value (from 0); afterwards everything before k is no larger and everything after no smaller. */
function select(values: Float32Array, k: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = medianOfThree(values[low]!, values[(low + high) >> 1]!, values[high]!);
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i <= j) {
        const swap = values[i]!;
        values[i++] = values[j]!;
        values[j--] = swap;
      }
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else break;
  }
  return values[k]!;
}

function smallest(values: Float32Array, start: number): number {
  let least = values[start]!;
  for (let i = start + 1; i < values.length; i++) if (values[i]! < least) least = values[i]!;
  return least;
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

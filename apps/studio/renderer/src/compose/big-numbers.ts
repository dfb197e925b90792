/** A large count with two or three digits and a unit: `7.2 B`, `312 M`, `45 k`. */
export function formatBig(n: number): string {
  for (const [size, unit] of [
    [1e12, "T"],
    [1e9, "B"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const)
    if (n >= size * 0.9995) return `${n / size >= 99.95 ? Math.round(n / size) : (n / size).toFixed(1)} ${unit}`;
  return String(n);
}

/** Floating-point operations: `1.3 TFLOP`. */
export function formatFlops(n: number): string {
  return `${formatBig(n).replace("B", "G")}${n >= 1000 ? "" : " "}FLOP`;
}

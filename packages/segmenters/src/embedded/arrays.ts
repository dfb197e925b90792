// Typed arrays filled by a function. `Float32Array.from` collects boxed values first, which costs more than all the arithmetic.

export function floats(length: number, value: (index: number) => number): Float32Array {
  const out = new Float32Array(length);
  for (let i = 0; i < length; i++) out[i] = value(i);
  return out;
}

export function bytes(length: number, value: (index: number) => number): Uint8Array {
  const out = new Uint8Array(length);
  for (let i = 0; i < length; i++) out[i] = value(i);
  return out;
}

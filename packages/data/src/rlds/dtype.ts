type Get = (view: DataView, at: number) => number;

/** Bytes of one value and how to read it, little-endian, by NumPy name. */
const READERS: Readonly<Record<string, readonly [number, Get]>> = {
  bool: [1, (view, at) => view.getUint8(at)],
  uint8: [1, (view, at) => view.getUint8(at)],
  int8: [1, (view, at) => view.getInt8(at)],
  uint16: [2, (view, at) => view.getUint16(at, true)],
  int16: [2, (view, at) => view.getInt16(at, true)],
  float16: [2, (view, at) => halfToNumber(view.getUint16(at, true))],
  uint32: [4, (view, at) => view.getUint32(at, true)],
  int32: [4, (view, at) => view.getInt32(at, true)],
  float32: [4, (view, at) => view.getFloat32(at, true)],
  uint64: [8, (view, at) => Number(view.getBigUint64(at, true))],
  int64: [8, (view, at) => Number(view.getBigInt64(at, true))],
  float64: [8, (view, at) => view.getFloat64(at, true)],
};

/** A raw little-endian array as float32; undefined for a dtype that is no number or bytes that are no whole count of it. */
export function readTensor(bytes: Uint8Array, dtype: string): Float32Array | undefined {
  const reader = READERS[dtype];
  if (!reader || bytes.length % reader[0] !== 0) return undefined;
  const [size, get] = reader;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length / size }, (_, i) => get(view, i * size));
}

function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

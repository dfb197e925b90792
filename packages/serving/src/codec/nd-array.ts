import { badMessage } from "../errors.ts";

/** Element kinds that may cross the wire: bool, signed, unsigned, float, UCS-4 text. */
export type ElementKind = "b" | "i" | "u" | "f" | "U";

/** A numpy array as it lies on the wire: raw bytes in C order, not yet interpreted. */
export interface NdArray {
  /** numpy's `dtype.str`, e.g. `<f4`, `|u1`. */
  readonly dtype: string;
  readonly kind: ElementKind;
  /** Bytes of one element. */
  readonly itemSize: number;
  readonly isBigEndian: boolean;
  readonly shape: readonly number[];
  /** A view into the message, at any alignment. */
  readonly data: Uint8Array;
}

/** Long names some encoders write instead of `dtype.str`. */
const LONG_NAMES: Readonly<Record<string, string>> = {
  bool: "|b1",
  float: "<f8",
  int: "<i8",
  ...Object.fromEntries(
    [1, 2, 4, 8].flatMap((n) => [
      [`int${8 * n}`, `<i${n}`],
      [`uint${8 * n}`, `<u${n}`],
    ]),
  ),
  float16: "<f2",
  float32: "<f4",
  float64: "<f8",
};

const SIZES: Readonly<Record<ElementKind, readonly number[]>> = {
  b: [1],
  i: [1, 2, 4, 8],
  u: [1, 2, 4, 8],
  f: [2, 4, 8],
  U: [],
};
const MAX_DIMENSIONS = 8;

/**
 * Checks the parts of an encoded array against one another.
 * @throws PVLA_SERVE_MESSAGE for types numpy's clients do not send, or a length that contradicts the shape
 */
export function ndArray(dtype: unknown, shape: unknown, data: unknown): NdArray {
  const fail = (found: string) => badMessage("numpy", found);
  const name = dtype instanceof Uint8Array ? new TextDecoder().decode(dtype) : dtype;
  if (typeof name !== "string") throw fail("an array whose dtype is no text");
  const match = /^([<>|=]?)([biufU])(\d{1,7})$/.exec(Object.hasOwn(LONG_NAMES, name) ? LONG_NAMES[name]! : name);
  if (match === null)
    throw fail(`an array of dtype "${name.slice(0, 40)}"; bool, int, uint, float and text can be read`);
  const kind = match[2] as ElementKind;
  const itemSize = Number(match[3]) * (kind === "U" ? 4 : 1);
  if (kind !== "U" && !SIZES[kind].includes(itemSize)) throw fail(`an array of dtype "${name}"`);
  if (!Array.isArray(shape) || shape.length > MAX_DIMENSIONS || !shape.every((d) => Number.isSafeInteger(d) && d >= 0))
    throw fail("an array whose shape is no list of up to 8 sizes");
  if (!(data instanceof Uint8Array)) throw fail("an array without bytes");
  const dims = shape as readonly number[];
  const count = dims.reduce((product, d) => product * d, 1);
  if (count * itemSize !== data.length)
    throw fail(
      `${data.length} bytes for an array of dtype "${name}" and shape [${dims.join(", ")}], which takes ${count * itemSize}`,
    );
  return { dtype: name, kind, itemSize, isBigEndian: match[1] === ">", shape: dims, data };
}

/** Number of elements. */
export const elementCount = ({ shape }: NdArray): number => shape.reduce((product, d) => product * d, 1);

/** All elements as numbers in double precision, in C order. @throws PVLA_SERVE_MESSAGE for text */
export function toNumbers(array: NdArray): Float64Array {
  const { kind, itemSize, data, isBigEndian } = array;
  if (kind === "U") throw badMessage("numpy", "an array of text where numbers are needed");
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const little = !isBigEndian;
  const read = READERS[`${kind}${itemSize}`]!;
  return Float64Array.from({ length: data.length / itemSize }, (_, i) => read(view, i * itemSize, little));
}

const READERS: Readonly<Record<string, (view: DataView, at: number, little: boolean) => number>> = {
  b1: (v, at) => (v.getUint8(at) === 0 ? 0 : 1),
  u1: (v, at) => v.getUint8(at),
  i1: (v, at) => v.getInt8(at),
  u2: (v, at, le) => v.getUint16(at, le),
  i2: (v, at, le) => v.getInt16(at, le),
  u4: (v, at, le) => v.getUint32(at, le),
  i4: (v, at, le) => v.getInt32(at, le),
  u8: (v, at, le) => Number(v.getBigUint64(at, le)),
  i8: (v, at, le) => Number(v.getBigInt64(at, le)),
  f2: (v, at, le) => halfToNumber(v.getUint16(at, le)),
  f4: (v, at, le) => v.getFloat32(at, le),
  f8: (v, at, le) => v.getFloat64(at, le),
};

function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

/** The single text of a 0-d or one-element text array; trailing zeros are padding. */
export function toText({ data, itemSize, isBigEndian }: NdArray): string {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let text = "";
  for (let at = 0; at + 4 <= Math.min(itemSize, data.length); at += 4) {
    const point = view.getUint32(at, !isBigEndian);
    if (point === 0) break;
    text += point <= 0x10ffff ? String.fromCodePoint(point) : "\ufffd";
  }
  return text;
}

/** A float32 array of that shape for sending; shares the memory. */
export function float32Array(values: Float32Array, shape: readonly number[]): NdArray {
  return { dtype: "<f4", kind: "f", itemSize: 4, isBigEndian: false, shape, data: bytesOf(values) };
}

/** A float64 array of that shape for sending. */
export function float64Array(values: ArrayLike<number>, shape: readonly number[]): NdArray {
  return { dtype: "<f8", kind: "f", itemSize: 8, isBigEndian: false, shape, data: bytesOf(Float64Array.from(values)) };
}

/** A uint8 array of that shape for sending; shares the memory. */
export function uint8Array(values: Uint8Array, shape: readonly number[]): NdArray {
  return { dtype: "|u1", kind: "u", itemSize: 1, isBigEndian: false, shape, data: values };
}

const bytesOf = (values: Float32Array | Float64Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** Whether a decoded value is an array. */
export const isNdArray = (value: unknown): value is NdArray =>
  typeof value === "object" && value !== null && "itemSize" in value && "kind" in value && "data" in value;

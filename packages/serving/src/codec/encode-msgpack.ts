import { isNdArray, type NdArray } from "./nd-array.ts";

/** How numpy arrays are marked: openpi with bytes as keys, vla-eval with text. */
export type NumpyKeys = "bytes" | "text";

/** A number that is written as float64 even where it is whole. */
export class WireFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** A numpy scalar as openpi writes it; only the float, int and bool types that numpy does not pass off as Python's own. */
export class NumpyScalar {
  readonly dtype: string;
  readonly data: number | boolean | WireFloat;

  constructor(dtype: string, data: number | boolean | WireFloat) {
    this.dtype = dtype;
    this.data = data;
  }
}

/**
 * Encodes a value as msgpack in the smallest forms, as the reference encoder does. Objects become maps with text keys in their
 * order; undefined members are left out. Whole numbers are integers unless wrapped in `WireFloat`.
 */
export function encodeMsgpack(value: unknown, keys: NumpyKeys): Uint8Array {
  const writer = new Writer(keys);
  writer.value(value);
  return writer.finish();
}

const utf8 = new TextEncoder();

class Writer {
  readonly #keys: NumpyKeys;
  #buffer = new Uint8Array(256);
  #view = new DataView(this.#buffer.buffer);
  #at = 0;

  constructor(keys: NumpyKeys) {
    this.#keys = keys;
  }

  finish(): Uint8Array {
    return this.#buffer.slice(0, this.#at);
  }

  value(value: unknown): void {
    if (value === null || value === undefined) this.#byte(0xc0);
    else if (typeof value === "boolean") this.#byte(value ? 0xc3 : 0xc2);
    else if (typeof value === "number") this.#number(value);
    else if (typeof value === "string") this.#text(value);
    else if (value instanceof WireFloat) this.#float(value.value);
    else if (value instanceof Uint8Array) this.#bytes(value);
    else if (value instanceof NumpyScalar) this.#scalar(value);
    else if (isNdArray(value)) this.#ndArray(value);
    else if (Array.isArray(value)) {
      this.#head(value.length, 0x90, 0xdc);
      for (const element of value) this.value(element);
    } else if (typeof value === "object") {
      const entries = Object.entries(value).filter(([, member]) => member !== undefined);
      this.#head(entries.length, 0x80, 0xde);
      for (const [name, member] of entries) {
        this.#text(name);
        this.value(member);
      }
    } else throw new Error(`internal: no msgpack form of a ${typeof value}`);
  }

  #marker(name: string): void {
    if (this.#keys === "bytes") this.#bytes(utf8.encode(name));
    else this.#text(name);
  }

  #ndArray({ data, dtype, shape }: NdArray): void {
    this.#head(4, 0x80, 0xde);
    this.#marker("__ndarray__");
    this.value(true);
    this.#marker("data");
    this.#bytes(data);
    this.#marker("dtype");
    this.#text(dtype);
    this.#marker("shape");
    this.value(shape);
  }

  #scalar({ dtype, data }: NumpyScalar): void {
    this.#head(3, 0x80, 0xde);
    this.#marker("__npgeneric__");
    this.value(true);
    this.#marker("data");
    this.value(data);
    this.#marker("dtype");
    this.#text(dtype);
  }

  #room(count: number): number {
    const at = this.#at;
    this.#at += count;
    if (this.#at > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(this.#at, 2 * this.#buffer.length));
      grown.set(this.#buffer.subarray(0, at));
      this.#buffer = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }

  #byte(value: number): void {
    const at = this.#room(1);
    this.#buffer[at] = value;
  }

  #uint(value: number, size: 1 | 2 | 4): void {
    const at = this.#room(size);
    if (size === 1) this.#view.setUint8(at, value);
    else if (size === 2) this.#view.setUint16(at, value);
    else this.#view.setUint32(at, value);
  }

  #float(value: number): void {
    this.#byte(0xcb);
    const at = this.#room(8);
    this.#view.setFloat64(at, value);
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) this.#float(value);
    else if (value >= 0) {
      if (value < 0x80) this.#byte(value);
      else if (value < 0x100) this.#sized(0xcc, value, 1);
      else if (value < 0x10000) this.#sized(0xcd, value, 2);
      else if (value < 2 ** 32) this.#sized(0xce, value, 4);
      else this.#big(0xcf, value);
    } else if (value >= -32) this.#byte(value + 256);
    else if (value >= -0x80) this.#sized(0xd0, value + 0x100, 1);
    else if (value >= -0x8000) this.#sized(0xd1, value + 0x10000, 2);
    else if (value >= -(2 ** 31)) this.#sized(0xd2, value + 2 ** 32, 4);
    else this.#big(0xd3, value);
  }

  #big(type: number, value: number): void {
    this.#byte(type);
    const at = this.#room(8);
    this.#view.setBigInt64(at, BigInt(value));
  }

  #sized(type: number, value: number, size: 1 | 2 | 4): void {
    this.#byte(type);
    this.#uint(value, size);
  }

  #text(value: string): void {
    const encoded = utf8.encode(value);
    const { length } = encoded;
    if (length < 32) this.#byte(0xa0 | length);
    else if (length < 0x100) this.#sized(0xd9, length, 1);
    else this.#sized(length < 0x10000 ? 0xda : 0xdb, length, length < 0x10000 ? 2 : 4);
    this.#append(encoded);
  }

  #bytes(value: Uint8Array): void {
    const { length } = value;
    if (length < 0x100) this.#sized(0xc4, length, 1);
    else this.#sized(length < 0x10000 ? 0xc5 : 0xc6, length, length < 0x10000 ? 2 : 4);
    this.#append(value);
  }

  #append(bytes: Uint8Array): void {
    const at = this.#room(bytes.length);
    this.#buffer.set(bytes, at);
  }

  /** Head of a list or map: in the type byte up to 15, else 16 or 32 bits. */
  #head(count: number, small: number, large: number): void {
    if (count < 16) this.#byte(small | count);
    else if (count < 0x10000) this.#sized(large, count, 2);
    else this.#sized(large + 1, count, 4);
  }
}

import { badMessage } from "../errors.ts";
import { EncodedPicture, numpyValue } from "./numpy-maps.ts";

export { EncodedPicture };

/** What a message can hold after decoding: numpy arrays as `NdArray`, maps without prototype. */
export type WireValue = unknown;

const MAX_DEPTH = 32;
const text = new TextDecoder("utf-8", { fatal: false });

/**
 * Decodes one msgpack value that fills `bytes`. Map keys may be text or bytes (openpi's markers are bytes, vla-eval's text);
 * arrays, scalars and pictures of both encodings are recognised at any depth. Lengths are checked against the bytes that are left before
 * anything is allocated, so a hostile message costs no more than its own size. Bytes are views into the message.
 * @throws PVLA_SERVE_MESSAGE
 */
export function decodeMsgpack(bytes: Uint8Array): WireValue {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  if (reader.at !== bytes.length) throw damaged(`${bytes.length - reader.at} bytes after its end`, reader.at);
  return value;
}

const damaged = (found: string, at: number) => badMessage("msgpack", `${found}, at byte ${at}`, { at });

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  value(depth: number): WireValue {
    if (depth > MAX_DEPTH) throw damaged(`more than ${MAX_DEPTH} levels of nesting`, this.at);
    const type = this.#uint(1);
    if (type < 0x80) return type;
    if (type < 0x90) return this.#map(type & 15, depth);
    if (type < 0xa0) return this.#array(type & 15, depth);
    if (type < 0xc0) return this.#text(type & 31);
    if (type >= 0xe0) return type - 256;
    switch (type) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#take(this.#uint(1 << (type - 0xc4)));
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return this.#extension(this.#uint(1 << (type - 0xc7)));
      case 0xca:
        return this.#view.getFloat32(this.#skip(4));
      case 0xcb:
        return this.#view.getFloat64(this.#skip(8));
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.#uint(1 << (type - 0xcc));
      case 0xcf:
        return safeInteger(this.#view.getBigUint64(this.#skip(8)));
      case 0xd0:
        return this.#view.getInt8(this.#skip(1));
      case 0xd1:
        return this.#view.getInt16(this.#skip(2));
      case 0xd2:
        return this.#view.getInt32(this.#skip(4));
      case 0xd3:
        return safeInteger(this.#view.getBigInt64(this.#skip(8)));
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#extension(1 << (type - 0xd4));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(this.#uint(1 << (type - 0xd9)));
      case 0xdc:
      case 0xdd:
        return this.#array(this.#uint(type === 0xdc ? 2 : 4), depth);
      case 0xde:
      case 0xdf:
        return this.#map(this.#uint(type === 0xde ? 2 : 4), depth);
      default:
        throw damaged(`the unused type 0x${type.toString(16)}`, this.at - 1);
    }
  }

  #skip(length: number): number {
    const start = this.at;
    if (start + length > this.#bytes.length)
      throw damaged(`an end ${start + length - this.#bytes.length} bytes too early`, start);
    this.at = start + length;
    return start;
  }

  #take(length: number): Uint8Array {
    const start = this.#skip(length);
    return this.#bytes.subarray(start, start + length);
  }

  #uint(size: number): number {
    const at = this.#skip(size);
    return size === 1 ? this.#view.getUint8(at) : size === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  #text(length: number): string {
    return text.decode(this.#take(length));
  }

  /** Every element takes a byte at least, so a length beyond what is left is refused before the first. */
  #expect(count: number, bytesEach: number): void {
    if (count * bytesEach > this.#bytes.length - this.at)
      throw damaged(`${count} elements announced and ${this.#bytes.length - this.at} bytes left`, this.at);
  }

  #array(count: number, depth: number): WireValue[] {
    this.#expect(count, 1);
    const values: WireValue[] = [];
    for (let i = 0; i < count; i++) values.push(this.value(depth + 1));
    return values;
  }

  #map(count: number, depth: number): WireValue {
    this.#expect(count, 2);
    const map = Object.create(null) as Record<string, WireValue>;
    for (let i = 0; i < count; i++) {
      const start = this.at;
      const key = this.value(MAX_DEPTH); // a key that is itself a container ends here
      const name = key instanceof Uint8Array ? text.decode(key) : key;
      if (typeof name !== "string") throw damaged("a map key that is neither text nor bytes", start);
      map[name] = this.value(depth + 1);
    }
    return numpyValue(map);
  }

  #extension(length: number): null {
    this.#skip(length + 1);
    return null;
  }
}

/** As a number where that is exact. */
const safeInteger = (value: bigint): number | bigint => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
};

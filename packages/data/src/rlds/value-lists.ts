import type { WireReader } from "./wire.ts";

// Field 1 of BytesList, FloatList and Int64List: packed (or bytes), then the two unpacked forms old writers use.
const PACKED = (1 << 3) | 2;
const UNPACKED_FLOAT = (1 << 3) | 5;
const UNPACKED_VARINT = 1 << 3;

/** Values of a BytesList as views into the payload. */
export function readBytesList(reader: WireReader): Uint8Array[] {
  const values: Uint8Array[] = [];
  while (!reader.atEnd) {
    const tag = reader.tag();
    if (tag === PACKED) values.push(reader.bytes());
    else reader.skip(tag);
  }
  return values;
}

/** Values of a FloatList, packed or not. */
export function readFloatList(reader: WireReader): Float32Array {
  const parts: Uint8Array[] = [];
  while (!reader.atEnd) {
    const tag = reader.tag();
    if (tag === PACKED) {
      const packed = reader.bytes();
      if (packed.length % 4 !== 0) throw reader.error(`${packed.length} bytes of packed floats, no multiple of 4`);
      parts.push(packed);
    } else if (tag === UNPACKED_FLOAT) parts.push(reader.fixed(4));
    else reader.skip(tag);
  }
  const bytes = joinBytes(parts);
  return new Float32Array(bytes.buffer, 0, bytes.length / 4); // the wire is little-endian, as is every platform of Node
}

/** Values of an Int64List, packed or not; negative numbers take ten bytes on the wire. */
export function readInt64List(reader: WireReader): BigInt64Array {
  const halves: number[] = []; // low word, high word, low word, …
  while (!reader.atEnd) {
    const tag = reader.tag();
    if (tag === PACKED) {
      const packed = reader.message();
      while (!packed.atEnd) packed.varint64(halves);
    } else if (tag === UNPACKED_VARINT) reader.varint64(halves);
    else reader.skip(tag);
  }
  return new BigInt64Array(Int32Array.from(halves).buffer);
}

function joinBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let position = 0;
  for (const part of parts) {
    joined.set(part, position);
    position += part.length;
  }
  return joined;
}

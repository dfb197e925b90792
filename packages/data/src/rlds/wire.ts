import { malformedExample, type Place } from "../errors.ts";

/**
 * Cursor over protobuf wire bytes `[position, end)` of a payload. Every length is checked against what is left, so hostile
 * input ends in an error that names the byte, never in a wrong read.
 */
export class WireReader {
  position: number;
  readonly end: number;
  readonly #bytes: Uint8Array;
  readonly #place: Place;

  constructor(bytes: Uint8Array, place: Place, position = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#place = place;
    this.position = position;
    this.end = end;
  }

  get atEnd(): boolean {
    return this.position >= this.end;
  }

  /** An error at the cursor. `place.offset` is where `bytes` begin in the file. */
  error(found: string): Error {
    return malformedExample({ file: this.#place.file, offset: (this.#place.offset ?? 0) + this.position }, found);
  }

  /** Next field's tag: `number << 3 | wireType`. */
  tag(): number {
    const tag = this.length();
    if (tag < 8) throw this.error("a field with number 0");
    return tag;
  }

  /** Varint that must be a length or tag: below 2^32. */
  length(): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 5; i++) {
      if (this.position >= this.end) throw this.error("a number that runs past its message");
      const byte = this.#bytes[this.position++]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    throw this.error("a length of more than 32 bits");
  }

  /** Steps into a length-delimited field: returns where it ends, the cursor stands on its first byte. */
  enter(): number {
    const size = this.length();
    if (size > this.end - this.position)
      throw this.error(`a field of ${size} bytes where ${this.end - this.position} are left`);
    return this.position + size;
  }

  /** A reader over a length-delimited field; this one moves past it. */
  message(): WireReader {
    const end = this.enter();
    const inner = new WireReader(this.#bytes, this.#place, this.position, end);
    this.position = end;
    return inner;
  }

  /** Bytes of a length-delimited field, as a view. */
  bytes(): Uint8Array {
    const end = this.enter();
    const view = this.#bytes.subarray(this.position, end);
    this.position = end;
    return view;
  }

  /** The next `nBytes` bytes, as a view. */
  fixed(nBytes: number): Uint8Array {
    const start = this.position;
    this.#advance(nBytes);
    return this.#bytes.subarray(start, this.position);
  }

  /** Appends a 64-bit varint to `halves` as its low and high 32-bit words, signed. */
  varint64(halves: number[]): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.position >= this.end) break;
      const byte = this.#bytes[this.position++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else if (shift < 63) high |= bits << (shift - 32);
      else high |= bits << 31;
      if (byte < 0x80) {
        halves.push(low, high);
        return;
      }
    }
    throw this.error("a number without an end");
  }

  /** Steps over the value of a field with this tag. */
  skip(tag: number): void {
    const wireType = tag & 7;
    if (wireType === 2) this.position = this.enter();
    else if (wireType === 0) this.#skipVarint();
    else if (wireType === 1 || wireType === 5) this.#advance(wireType === 1 ? 8 : 4);
    else throw this.error(`wire type ${wireType}`);
  }

  #skipVarint(): void {
    for (let i = 0; i < 10; i++) {
      if (this.position >= this.end) break;
      if (this.#bytes[this.position++]! < 0x80) return;
    }
    throw this.error("a number without an end");
  }

  #advance(nBytes: number): void {
    if (nBytes > this.end - this.position) throw this.error(`a value of ${nBytes} bytes at the end of its message`);
    this.position += nBytes;
  }
}

import { createReadStream } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import type { FileRegion } from "@pixelvla/core";

/** Tensors start at multiples of this, so that they can be mapped. */
const ALIGNMENT = 4096;
const PIECE = 4 << 20;

/** A region of the exported weights, as an ONNX model refers to it. */
export type StoredWeights = FileRegion & { readonly location: string };

/** Writes weights one after the other; pieces of zeros become holes, so that an empty checkpoint's export takes no disk. */
export class WeightsFile {
  readonly #handle: FileHandle;
  readonly #file: string;
  readonly #location: string;
  #end = 0;

  private constructor(handle: FileHandle, file: string, location: string) {
    this.#handle = handle;
    this.#file = file;
    this.#location = location;
  }

  static async create(file: string, location: string): Promise<WeightsFile> {
    return new WeightsFile(await open(file, "w"), file, location);
  }

  get byteLength(): number {
    return this.#end;
  }

  /** Appends values held in memory. */
  async add(bytes: Uint8Array, dtype: FileRegion["dtype"]): Promise<StoredWeights> {
    const offset = this.#next();
    for (let at = 0; at < bytes.length; at += PIECE)
      await this.#write(bytes.subarray(at, Math.min(bytes.length, at + PIECE)), offset + at);
    return this.#stored(offset, bytes.length, dtype);
  }

  /** Copies a region of a checkpoint piece by piece, as it is stored. */
  async copy(region: FileRegion): Promise<StoredWeights> {
    const offset = this.#next();
    const source = createReadStream(region.file, {
      start: region.offset,
      end: region.offset + region.byteLength - 1,
      highWaterMark: PIECE,
    });
    let at = offset;
    if (region.byteLength > 0)
      for await (const piece of source as AsyncIterable<Buffer>) {
        await this.#write(piece, at);
        at += piece.length;
      }
    if (at !== offset + region.byteLength) throw new Error(`${region.file} ends inside a tensor`);
    return this.#stored(offset, region.byteLength, region.dtype);
  }

  async close(): Promise<void> {
    await this.#handle.truncate(this.#end);
    await this.#handle.sync();
    await this.#handle.close();
  }

  #next(): number {
    return Math.ceil(this.#end / ALIGNMENT) * ALIGNMENT;
  }

  #stored(offset: number, byteLength: number, dtype: FileRegion["dtype"]): StoredWeights {
    this.#end = offset + byteLength;
    return { kind: "file", file: this.#file, location: this.#location, offset, byteLength, dtype };
  }

  async #write(piece: Uint8Array, at: number): Promise<void> {
    if (isZero(piece)) return;
    let done = 0;
    while (done < piece.length)
      done += (await this.#handle.write(piece, done, piece.length - done, at + done)).bytesWritten;
  }
}

function isZero(piece: Uint8Array): boolean {
  const words = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
  return words.length > 0 && words[0] === 0 && words.compare(words, 1, words.length, 0, words.length - 1) === 0;
}

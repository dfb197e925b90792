import { crc32 as crc, deflateSync, inflateSync } from "node:zlib";
import { badMask } from "./errors.ts";
import { checkMaskSize, type BinaryMask } from "./mask.ts";

/** An image of object ids: `data` `[H, W]`, 0 background, palette entries as RGB bytes (`[n * 3]`) where the file has them. */
export interface IndexedMask {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly data: Uint8Array;
  readonly palette: Uint8Array | undefined;
}

const SIGNATURE = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);
const GREY = 0;
const PALETTE = 3;
/** Samples per pixel by PNG colour type. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const WHAT = "a mask PNG";

/** The palette DAVIS and YouTube-VOS use: bits of the id spread over the channels, so that ids differ strongly. */
export function davisPalette(): Uint8Array {
  const palette = new Uint8Array(256 * 3);
  for (let id = 0; id < 256; id++)
    for (let bit = 0; bit < 8; bit++) palette[id * 3 + (bit % 3)]! |= ((id >> bit) & 1) << (7 - Math.floor(bit / 3));
  return palette;
}

/** Pixels -> 1-bit grey PNG: 0 background, white object. */
export function encodeMaskPng({ widthPx, heightPx, data }: BinaryMask): Uint8Array {
  const stride = Math.ceil(widthPx / 8);
  const rows = new Uint8Array(heightPx * (stride + 1)); // filter 0 before each row
  for (let y = 0; y < heightPx; y++)
    for (let x = 0; x < widthPx; x++)
      if (data[y * widthPx + x] !== 0) rows[y * (stride + 1) + 1 + (x >> 3)]! |= 128 >> (x & 7);
  return assemble({ widthPx, heightPx, depth: 1, colour: GREY }, rows);
}

/** Object ids -> 8-bit palette PNG (DAVIS palette unless one is given). */
export function encodeIndexedPng(
  image: Omit<IndexedMask, "palette"> & { readonly palette?: Uint8Array | undefined },
): Uint8Array {
  const { widthPx, heightPx, data, palette = davisPalette() } = image;
  const rows = new Uint8Array(heightPx * (widthPx + 1));
  for (let y = 0; y < heightPx; y++) rows.set(data.subarray(y * widthPx, (y + 1) * widthPx), y * (widthPx + 1) + 1);
  return assemble({ widthPx, heightPx, depth: 8, colour: PALETTE }, rows, palette);
}

/**
 * Any PNG used as a mask -> pixels. A pixel is set where its palette index is not 0 (palette images), or where any
 * colour sample is at least half of full scale (others; alpha is ignored).
 *
 * @throws PVLA_MASK_DECODE
 */
export function decodeMaskPng(bytes: Uint8Array, where?: string): BinaryMask {
  const { header, samples } = decode(bytes, where);
  const { widthPx, heightPx, colour, depth } = header;
  const channels = CHANNELS[colour]!;
  const nColours = colour === 4 || colour === 6 ? channels - 1 : channels;
  const threshold = colour === PALETTE ? 1 : depth === 16 ? 128 : 2 ** (depth - 1); // 16-bit samples are cut to their high byte
  const data = new Uint8Array(heightPx * widthPx);
  for (let i = 0; i < data.length; i++)
    for (let c = 0; c < nColours; c++) if (samples[i * channels + c]! >= threshold) data[i] = 1;
  return { widthPx, heightPx, data };
}

/** A palette or grey PNG -> its stored values as object ids, never expanded to colours. @throws PVLA_MASK_DECODE */
export function decodeIndexedPng(bytes: Uint8Array, where?: string): IndexedMask {
  const { header, samples, palette } = decode(bytes, where);
  if (CHANNELS[header.colour] !== 1 || header.depth === 16)
    throw badMask(WHAT, "a colour image", "a palette or 8-bit grey image whose values are object ids", where);
  return { widthPx: header.widthPx, heightPx: header.heightPx, data: samples, palette };
}

interface Header {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly depth: number;
  readonly colour: number;
}

function assemble(header: Header, rows: Uint8Array, palette?: Uint8Array): Uint8Array {
  const ihdr = new Uint8Array(13);
  const view = new DataView(ihdr.buffer);
  view.setUint32(0, header.widthPx);
  view.setUint32(4, header.heightPx);
  ihdr.set([header.depth, header.colour, 0, 0, 0], 8);
  const parts = [SIGNATURE, chunk("IHDR", ihdr)];
  if (palette !== undefined) parts.push(chunk("PLTE", palette));
  parts.push(chunk("IDAT", deflateSync(rows)), chunk("IEND", new Uint8Array(0)));
  return new Uint8Array(Buffer.concat(parts));
}

function chunk(type: string, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, body.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(body, 8);
  view.setUint32(8 + body.length, crc(bytes.subarray(4, 8 + body.length)));
  return bytes;
}

function decode(bytes: Uint8Array, where: string | undefined) {
  if (bytes.length < 33 || SIGNATURE.some((byte, i) => bytes[i] !== byte))
    throw badMask(WHAT, "no PNG signature", undefined, where);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let header: Header | undefined;
  let palette: Uint8Array | undefined;
  const packed: Uint8Array[] = [];
  for (let at = 8; ;) {
    if (at + 12 > bytes.length)
      throw badMask(WHAT, `a file that ends at byte ${bytes.length}, before its last chunk`, undefined, where);
    const length = view.getUint32(at);
    if (at + 12 + length > bytes.length)
      throw badMask(WHAT, `a chunk at byte ${at} longer than the file`, undefined, where);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (view.getUint32(at + 8 + length) !== crc(bytes.subarray(at + 4, at + 8 + length)))
      throw badMask(WHAT, `a wrong checksum of the ${JSON.stringify(type)} chunk at byte ${at}`, undefined, where);
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (type === "IHDR") header = readHeader(body, where);
    else if (type === "PLTE") palette = body.slice();
    else if (type === "IDAT") packed.push(body);
    else if (type === "IEND") break;
    at += 12 + length;
  }
  if (header === undefined) throw badMask(WHAT, "no IHDR chunk", undefined, where);
  const rowBits = header.widthPx * CHANNELS[header.colour]! * header.depth;
  const stride = Math.ceil(rowBits / 8);
  const expected = header.heightPx * (stride + 1);
  let rows: Uint8Array;
  try {
    rows = inflateSync(Buffer.concat(packed), { maxOutputLength: expected + 1 });
  } catch (cause) {
    throw badMask(WHAT, `pixel data that does not decompress (${(cause as Error).message})`, undefined, where);
  }
  if (rows.length !== expected) throw badMask(WHAT, `${rows.length} bytes of pixels`, `${expected}`, where);
  unfilter(rows, header, stride, where);
  return { header, palette, samples: unpack(rows, header, stride) };
}

function readHeader(body: Uint8Array, where: string | undefined): Header {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  if (body.length !== 13) throw badMask(WHAT, `an IHDR chunk of ${body.length} bytes`, "13", where);
  const header = { widthPx: view.getUint32(0), heightPx: view.getUint32(4), depth: body[8]!, colour: body[9]! };
  checkMaskSize(WHAT, header.heightPx, header.widthPx);
  const depths = header.colour === GREY ? [1, 2, 4, 8, 16] : header.colour === PALETTE ? [1, 2, 4, 8] : [8, 16];
  if (CHANNELS[header.colour] === undefined || !depths.includes(header.depth))
    throw badMask(
      WHAT,
      `colour type ${header.colour} with ${header.depth} bits`,
      "a combination the PNG standard knows",
      where,
    );
  if (body[12] !== 0) throw badMask(WHAT, "an interlaced image", "a PNG saved without interlacing", where);
  return header;
}

/** Undoes the row filters in place. */
function unfilter(rows: Uint8Array, header: Header, stride: number, where: string | undefined): void {
  const back = Math.max(1, (CHANNELS[header.colour]! * header.depth) >> 3);
  for (let y = 0; y < header.heightPx; y++) {
    const start = y * (stride + 1) + 1;
    const filter = rows[start - 1]!;
    if (filter > 4) throw badMask(WHAT, `row filter ${filter} in row ${y}`, "0 to 4", where);
    for (let i = 0; i < stride; i++) {
      const left = i >= back ? rows[start + i - back]! : 0;
      const up = y > 0 ? rows[start + i - stride - 1]! : 0;
      const corner = y > 0 && i >= back ? rows[start + i - stride - 1 - back]! : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter]!;
      rows[start + i] = rows[start + i]! + guess;
    }
  }
}

function paeth(left: number, up: number, corner: number): number {
  const [dl, du, dc] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  return dl <= du && dl <= dc ? left : du <= dc ? up : corner;
}

/** Samples one byte each; of 16-bit samples the high byte. */
function unpack(rows: Uint8Array, { widthPx, heightPx, depth, colour }: Header, stride: number): Uint8Array {
  const perRow = widthPx * CHANNELS[colour]!;
  const samples = new Uint8Array(heightPx * perRow);
  for (let y = 0; y < heightPx; y++) {
    const row = rows.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1));
    for (let i = 0; i < perRow; i++) {
      if (depth >= 8) samples[y * perRow + i] = row[(i * depth) >> 3]!;
      else samples[y * perRow + i] = (row[(i * depth) >> 3]! >> (8 - depth - ((i * depth) & 7))) & (2 ** depth - 1);
    }
  }
  return samples;
}

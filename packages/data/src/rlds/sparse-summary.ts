import { PixelVlaError } from "@pixelvla/core";
import { decodeFeature, type Feature } from "./example.ts";
import { HEADER_BYTES, readFully, type RecordFile, type RecordPlace } from "./tfrecord.ts";
import { WireReader } from "./wire.ts";

const WINDOW_BYTES = 4096;
/** Tag, length, key tag, key length, key, value tag, value length: longer heads than this are not worth skipping around. */
const MAX_HEAD_BYTES = 512;
const FIELD_1 = (1 << 3) | 2;
const FIELD_2 = (2 << 3) | 2;

/**
 * Reads only the wanted features of a record, seeking over the others: listing a dataset of large images reads a few
 * kilobytes an episode. The payload's checksum is not verified; loading the episode does that.
 *
 * @returns undefined where the record is damaged or laid out in no usual way: read it whole, which says what is wrong
 */
export async function readSparse(
  file: RecordFile,
  place: RecordPlace,
  wanted: ReadonlySet<string>,
): Promise<Map<string, Feature> | undefined> {
  try {
    return await walkEntries(file, place, wanted);
  } catch (error) {
    if (error instanceof PixelVlaError) return undefined;
    throw error;
  }
}

async function walkEntries(file: RecordFile, { offset, length }: RecordPlace, wanted: ReadonlySet<string>) {
  const start = offset + HEADER_BYTES;
  const end = start + length;
  const found = new Map<string, Feature>();
  let window = Buffer.alloc(0);
  let windowStart = start;
  let position = start;

  /** A reader at `position` over at least `nBytes` (or up to the end of the payload). */
  const readerAt = async (nBytes: number): Promise<WireReader> => {
    const need = Math.min(nBytes, end - position);
    if (position < windowStart || position + need > windowStart + window.length) {
      window = Buffer.allocUnsafe(Math.min(Math.max(need, WINDOW_BYTES), end - position));
      window = window.subarray(0, await readFully(file.handle, window, position));
      windowStart = position;
    }
    return new WireReader(window, { file: file.name, offset: windowStart }, position - windowStart);
  };

  while (position < end && found.size < wanted.size) {
    const reader = await readerAt(MAX_HEAD_BYTES);
    if (reader.tag() !== FIELD_1) return undefined;
    const size = reader.length();
    const headBytes = windowStart + reader.position - position;
    const entryEnd = position + headBytes + size;
    if (entryEnd > end) return undefined;
    // Example holds one Features, which holds the entries: the first level is entered, the second is looked at.
    if (position === start) {
      if (entryEnd !== end) return undefined;
      position += headBytes;
      continue;
    }
    if (reader.tag() !== FIELD_1) return undefined;
    const key = Buffer.from(reader.bytes()).toString("utf8");
    if (wanted.has(key)) {
      const whole = await readerAt(entryEnd - position);
      const entry = whole.position + headBytes;
      found.set(key, entryValue(new WireReader(window, { file: file.name, offset: windowStart }, entry, entry + size)));
    }
    position = entryEnd;
  }
  return found;
}

function entryValue(entry: WireReader): Feature {
  let value: Feature = { kind: "none" };
  while (!entry.atEnd) {
    const tag = entry.tag();
    if (tag === FIELD_2) value = decodeFeature(entry.message());
    else entry.skip(tag);
  }
  return value;
}

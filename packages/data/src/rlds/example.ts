import type { Place } from "../errors.ts";
import { readBytesList, readFloatList, readInt64List } from "./value-lists.ts";
import { WireReader } from "./wire.ts";

/** One decoded `tf.train.Feature`; `none` when no kind is set (an empty list of unknown kind). */
export type Feature =
  | { readonly kind: "bytes"; readonly values: readonly Uint8Array[] }
  | { readonly kind: "float"; readonly values: Float32Array }
  | { readonly kind: "int64"; readonly values: BigInt64Array }
  | { readonly kind: "none" };

// Every message field of Example is length-delimited: tag = number << 3 | 2.
const FIELD_1 = (1 << 3) | 2;
const FIELD_2 = (2 << 3) | 2;
const FIELD_3 = (3 << 3) | 2;

/**
 * A `tf.train.Example` read in place: keys are indexed when it is opened, values are decoded when asked for. Byte values
 * are views into the payload, so an episode of JPEGs costs no copy.
 *
 * @throws PVLA_DATA_PROTOBUF from the constructor and from `feature`, naming file and byte
 */
export class Example {
  readonly #payload: Uint8Array;
  readonly #place: Place;
  readonly #spans = new Map<string, { start: number; end: number }>();

  /** @param place file and byte offset where `payload` begins */
  constructor(payload: Uint8Array, place: Place) {
    this.#payload = payload;
    this.#place = place;
    const example = new WireReader(payload, place);
    eachMessage(example, FIELD_1, (features) => eachMessage(features, FIELD_1, (entry) => this.#indexEntry(entry)));
  }

  keys(): IterableIterator<string> {
    return this.#spans.keys();
  }

  /** Decodes one feature; undefined when the record has no such key. */
  feature(key: string): Feature | undefined {
    const span = this.#spans.get(key);
    return span && decodeFeature(new WireReader(this.#payload, this.#place, span.start, span.end));
  }

  #indexEntry(entry: WireReader): void {
    let key = "";
    let span = { start: entry.end, end: entry.end };
    while (!entry.atEnd) {
      const tag = entry.tag();
      if (tag === FIELD_1) key = Buffer.from(entry.bytes()).toString("utf8");
      else if (tag === FIELD_2) {
        const value = entry.message();
        span = { start: value.position, end: value.end };
      } else entry.skip(tag);
    }
    this.#spans.set(key, span);
  }
}

/** Decodes a `Feature` message; when several kinds are set the last one counts, as in every protobuf `oneof`. */
export function decodeFeature(reader: WireReader): Feature {
  let feature: Feature = { kind: "none" };
  while (!reader.atEnd) {
    const tag = reader.tag();
    if (tag === FIELD_1) feature = { kind: "bytes", values: readBytesList(reader.message()) };
    else if (tag === FIELD_2) feature = { kind: "float", values: readFloatList(reader.message()) };
    else if (tag === FIELD_3) feature = { kind: "int64", values: readInt64List(reader.message()) };
    else reader.skip(tag);
  }
  return feature;
}

function eachMessage(reader: WireReader, wanted: number, visit: (message: WireReader) => void): void {
  while (!reader.atEnd) {
    const tag = reader.tag();
    if (tag === wanted) visit(reader.message());
    else reader.skip(tag);
  }
}

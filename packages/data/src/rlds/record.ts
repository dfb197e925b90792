import { inflateSync } from "node:zlib";
import { featureMismatch, type Place } from "../errors.ts";
import type { NumericColumn, RecordedFrames } from "../standardise/recorded.ts";
import { readTensor } from "./dtype.ts";
import { Example, type Feature } from "./example.ts";
import type { FeatureSpec } from "./features.ts";
import type { RldsLayout } from "./layout.ts";

const utf8 = new TextDecoder();

/**
 * One RLDS record: an Example read through the dataset's feature specification. Keys are those of the Example without the
 * leading `steps/`.
 *
 * @throws PVLA_DATA_FEATURE from every method when the record contradicts the specification
 */
export class RldsRecord implements RecordedFrames {
  readonly nFrames: number;
  readonly numericKeys: readonly string[];
  readonly #example: Example;
  readonly #layout: RldsLayout;
  readonly #place: Place;
  readonly #images = new Map<string, readonly Uint8Array[]>();

  /** @param place file and byte offset of the payload */
  constructor(payload: Uint8Array, layout: RldsLayout, place: Place) {
    this.#example = new Example(payload, place);
    this.#layout = layout;
    this.#place = place;
    this.numericKeys = layout.numericKeys;
    this.nFrames = this.#countFrames();
  }

  numeric(key: string): NumericColumn | undefined {
    const spec = this.#layout.steps.get(key);
    if (!spec || spec.kind !== "tensor" || spec.sequenceRank !== 1) return undefined;
    const width = spec.shape.reduce((a, b) => a * b, 1);
    const values = this.#numbers(spec, this.#feature(spec));
    this.#expect(spec, values.length, this.nFrames * width, "values");
    return { values, width };
  }

  /** `[R]` strings of a per-frame text feature, or one for an episode-level feature. */
  texts(key: string): string[] | undefined {
    const spec = this.#layout.steps.get(key) ?? this.#layout.episode.get(key);
    if (!spec || spec.kind !== "text") return undefined;
    const values = this.#bytes(spec);
    if (spec.perStep && spec.sequenceRank === 1) this.#expect(spec, values.length, this.nFrames, "strings");
    return values.map((value) => utf8.decode(value));
  }

  /** `[R]` encoded images of a camera; an unset image is empty. */
  images(camera: string): readonly Uint8Array[] {
    const known = this.#images.get(camera);
    if (known) return known;
    const spec = this.#layout.cameraSpecs.get(camera)!;
    const values = this.#bytes(spec);
    this.#expect(spec, values.length, this.nFrames, "images");
    this.#images.set(camera, values);
    return values;
  }

  /** A ragged feature (a sequence inside `steps`): all values, and how many belong to each frame. */
  ragged(key: string): { values: Float32Array; rowLengths: Float32Array } | undefined {
    const spec = this.#layout.steps.get(key);
    if (!spec || spec.kind !== "tensor" || spec.sequenceRank !== 2) return undefined;
    const part = (suffix: string) => this.#example.feature(`${spec.key}/${suffix}`) ?? { kind: "none" as const };
    const values = this.#numbers(spec, part("ragged_flat_values"));
    const rowLengths = this.#numbers(spec, part("ragged_row_lengths_0"));
    this.#expect(spec, rowLengths.length, this.nFrames, "row lengths");
    return { values, rowLengths };
  }

  /** First non-empty instruction, or "". */
  get task(): string {
    for (const key of this.#layout.instructionKeys) {
      const text = this.texts(key)?.find((value) => value !== "");
      if (text !== undefined) return text;
    }
    return "";
  }

  #feature(spec: FeatureSpec): Feature {
    return this.#example.feature(spec.key) ?? this.#fail(spec, "the record lacks it", `a list of ${spec.dtype}`);
  }

  #countFrames(): number {
    const spec = this.#layout.counter;
    const feature = this.#feature(spec);
    const nValues = feature.kind === "none" ? 0 : feature.values.length;
    const width = spec.kind === "tensor" && spec.encoding === "none" ? spec.shape.reduce((a, b) => a * b, 1) : 1;
    if (nValues % width !== 0) this.#fail(spec, `${nValues} values`, `a multiple of ${width}`);
    return nValues / width;
  }

  #numbers(spec: FeatureSpec, feature: Feature): Float32Array {
    if (feature.kind === "none") return new Float32Array(0);
    if (feature.kind === "float" && spec.encoding === "none") return feature.values;
    if (feature.kind === "int64" && spec.encoding === "none") return Float32Array.from(feature.values, Number);
    if (feature.kind === "bytes" && spec.encoding !== "none") {
      const parts = feature.values.map((value) => readTensor(this.#inflate(spec, value), spec.dtype));
      if (parts.every((part) => part !== undefined)) return joinFloats(parts);
    }
    return this.#fail(spec, `a list of ${feature.kind}`, `${spec.dtype} with encoding "${spec.encoding}"`);
  }

  #inflate(spec: FeatureSpec, value: Uint8Array): Uint8Array {
    if (spec.encoding !== "zlib") return value;
    try {
      return inflateSync(value, { maxOutputLength: 2 ** 30 });
    } catch (cause) {
      return this.#fail(spec, `bytes that do not inflate (${String(cause)})`, "zlib data");
    }
  }

  #bytes(spec: FeatureSpec): readonly Uint8Array[] {
    const feature = this.#feature(spec);
    if (feature.kind === "bytes") return feature.values;
    return feature.kind === "none" ? [] : this.#fail(spec, `a list of ${feature.kind}`, "byte strings");
  }

  #expect(spec: FeatureSpec, found: number, needed: number, what: string): void {
    if (found !== needed) this.#fail(spec, `${found} ${what}`, `${needed} (${this.nFrames} frames)`);
  }

  #fail(spec: FeatureSpec, found: string, needed: string): never {
    throw featureMismatch(this.#place, { feature: spec.key, found, needed });
  }
}

function joinFloats(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let position = 0;
  for (const part of parts) {
    joined.set(part, position);
    position += part.length;
  }
  return joined;
}

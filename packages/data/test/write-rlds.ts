// A small writer of RLDS folders, so that tests can make every layout and every damage. Not part of the package.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { maskedCrc32c } from "../src/rlds/crc32c.ts";

export type FeatureValue =
  { float: number[] } | { int64: (number | bigint)[] } | { bytes: Uint8Array[] } | { none: true };

/** Encodes a `tf.train.Example`. `unpacked` writes number lists value by value, as some old writers do. */
export function encodeExample(features: Readonly<Record<string, FeatureValue>>, { unpacked = false } = {}): Buffer {
  const entries = Object.entries(features).map(([key, value]) =>
    field(1, Buffer.concat([field(1, Buffer.from(key)), field(2, encodeFeature(value, unpacked))])),
  );
  return field(1, Buffer.concat(entries));
}

/** Frames payloads as TFRecord. */
export function frameRecords(payloads: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    payloads.flatMap((payload) => {
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(payload.length));
      return [length, crc(length), payload, crc(payload)];
    }),
  );
}

/** Writes `dataset_info.json`, `features.json` and one shard. */
export function writeRlds(
  folder: string,
  facts: {
    name?: string;
    features: unknown;
    records: readonly Uint8Array[];
    gzip?: boolean;
    shardLengths?: readonly number[];
    info?: Record<string, unknown>;
  },
): string {
  const { name = "made_set", features, records, gzip = false } = facts;
  mkdirSync(folder, { recursive: true });
  const shardLengths = (facts.shardLengths ?? [records.length]).map(String);
  const split = {
    name: "train",
    filepathTemplate: "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}",
    numBytes: "0",
    shardLengths,
  };
  const info = { name, version: "1.0.0", fileFormat: "tfrecord", splits: [split], ...facts.info };
  writeFileSync(join(folder, "dataset_info.json"), JSON.stringify(info));
  writeFileSync(join(folder, "features.json"), JSON.stringify(features));
  const shard = join(folder, `${name}-train.tfrecord-00000-of-00001`);
  const bytes = frameRecords(records);
  writeFileSync(shard, gzip ? gzipSync(bytes) : bytes);
  return shard;
}

export const dict = (features: Record<string, unknown>) => ({ featuresDict: { features } });
export const steps = (features: Record<string, unknown>) => ({ sequence: { feature: dict(features), length: "-1" } });
export const tensor = (dtype: string, dimensions: number[] = [], encoding = "none") => ({
  tensor: { shape: dimensions.length === 0 ? {} : { dimensions: dimensions.map(String) }, dtype, encoding },
});
export const text = { pythonClassName: "Text", text: {} };
export const image = (h: number, w: number) => ({
  image: { shape: { dimensions: [String(h), String(w), "3"] }, dtype: "uint8", encodingFormat: "jpeg" },
});

/** A generic dataset's features: 7 actions, 3 state values, an instruction. */
export const plainFeatures = dict({
  steps: steps({
    action: tensor("float32", [7]),
    is_first: tensor("bool"),
    language_instruction: text,
    observation: dict({ state: tensor("float32", [3]) }),
  }),
});

/** A record for `plainFeatures`. */
export function plainRecord(nFrames: number, { task = "push it", nanAt = -1 } = {}): Record<string, FeatureValue> {
  const action = Array.from({ length: nFrames * 7 }, (_, i) => (i % 7 === 6 ? 1 : i / 100));
  if (nanAt >= 0) action[nanAt] = NaN;
  return {
    "steps/action": { float: action },
    "steps/is_first": { int64: Array.from({ length: nFrames }, (_, t) => (t === 0 ? 1 : 0)) },
    "steps/language_instruction": { bytes: Array.from({ length: nFrames }, () => Buffer.from(task)) },
    "steps/observation/state": { float: Array.from({ length: nFrames * 3 }, (_, i) => i) },
  };
}

function encodeFeature(value: FeatureValue, unpacked: boolean): Buffer {
  if ("none" in value) return Buffer.alloc(0);
  if ("bytes" in value) return field(1, Buffer.concat(value.bytes.map((bytes) => field(1, bytes))));
  if ("float" in value) {
    const floats = value.float.map((x) => Buffer.from(new Uint8Array(Float32Array.of(x).buffer)));
    const list = unpacked
      ? Buffer.concat(floats.flatMap((bytes) => [varint(BigInt((1 << 3) | 5)), bytes]))
      : field(1, Buffer.concat(floats));
    return field(2, list);
  }
  const varints = value.int64.map((x) => varint(BigInt.asUintN(64, BigInt(x))));
  return field(
    3,
    unpacked ? Buffer.concat(varints.flatMap((bytes) => [varint(8n), bytes])) : field(1, Buffer.concat(varints)),
  );
}

function field(number: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([varint(BigInt((number << 3) | 2)), varint(BigInt(bytes.length)), bytes]);
}

function varint(value: bigint): Buffer {
  const out: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 128n) return Buffer.from([...out, Number(rest)]);
    out.push(Number(rest & 127n) | 128);
  }
}

function crc(bytes: Uint8Array): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(maskedCrc32c(bytes));
  return out;
}

import { crc32c } from "@node-rs/crc32";

/** Values of one feature of a `tf.train.Example`. */
export type FeatureValues = { readonly floats: Float32Array } | { readonly bytes: readonly Uint8Array[] };

/** Encodes a `tf.train.Example` and frames it as one TFRecord. */
export function exampleRecord(features: Readonly<Record<string, FeatureValues>>): Buffer {
  const entries = Object.entries(features).map(([key, values]) =>
    message(1, [message(1, [Buffer.from(key)]), message(2, [feature(values)])]),
  );
  const payload = message(1, entries);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(payload.length));
  return Buffer.concat([length, checksum(length), payload, checksum(payload)]);
}

function feature(values: FeatureValues): Buffer {
  if ("bytes" in values)
    return message(
      1,
      values.bytes.map((each) => message(1, [each])),
    );
  const { buffer, byteOffset, byteLength } = values.floats;
  return message(2, [message(1, [Buffer.from(buffer, byteOffset, byteLength)])]);
}

/** Field `number` of wire type 2 around `parts`. */
function message(number: number, parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head: number[] = [(number << 3) | 2];
  for (let rest = length; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) {
      head.push(rest);
      break;
    }
    head.push((rest % 128) + 128);
  }
  return Buffer.concat([Buffer.from(head), ...parts], head.length + length);
}

function checksum(bytes: Uint8Array): Buffer {
  const crc = crc32c(bytes) >>> 0;
  const masked = Buffer.alloc(4);
  masked.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
  return masked;
}

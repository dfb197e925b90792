/** An entry of a TensorBoard event file: its first line, scalars of a step, or the mark of a resume. */
export interface TensorBoardEvent {
  /** Seconds since 1970. */
  readonly wallTimeS: number;
  readonly step?: number;
  readonly fileVersion?: string;
  /** Tag to value. */
  readonly scalars?: Readonly<Record<string, number>>;
  /** Tells TensorBoard to forget points at `step` and later, written by the process that was killed. */
  readonly sessionStart?: boolean;
}

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
const SESSION_START = 1;

/** Encodes `event` as the protobuf message `tensorflow.Event`. */
export function encodeEvent(event: TensorBoardEvent): Uint8Array {
  const parts = [field(1, FIXED64), float64(event.wallTimeS)];
  if (event.step !== undefined) parts.push(field(2, VARINT), varint(event.step));
  if (event.fileVersion !== undefined) parts.push(bytesField(3, Buffer.from(event.fileVersion)));
  if (event.scalars !== undefined) parts.push(bytesField(5, summary(event.scalars)));
  if (event.sessionStart) parts.push(bytesField(7, Buffer.concat([field(1, VARINT), varint(SESSION_START)])));
  return Buffer.concat(parts);
}

function summary(scalars: Readonly<Record<string, number>>): Buffer {
  const values = Object.entries(scalars).map(([tag, value]) =>
    bytesField(1, Buffer.concat([bytesField(1, Buffer.from(tag)), field(2, FIXED32), float32(value)])),
  );
  return Buffer.concat(values);
}

const field = (number: number, wireType: number) => varint(number * 8 + wireType);
const bytesField = (number: number, bytes: Uint8Array) =>
  Buffer.concat([field(number, BYTES), varint(bytes.length), bytes]);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(Math.trunc(value));
  if (rest < 0n) rest += 1n << 64n;
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Buffer.from(bytes);
}

function float64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

function float32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

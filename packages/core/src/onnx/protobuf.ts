import protobuf from "protobufjs/minimal.js";

/** Wire writer of protobufjs, with just what ONNX's messages need. */
export type WireWriter = protobuf.Writer;

export function wireWriter(): WireWriter {
  return protobuf.Writer.create();
}

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

export function writeInt(writer: WireWriter, field: number, value: number): void {
  writer.uint32((field << 3) | VARINT).int64(value);
}

export function writeFloat(writer: WireWriter, field: number, value: number): void {
  writer.uint32((field << 3) | FIXED32).float(value);
}

export function writeString(writer: WireWriter, field: number, value: string): void {
  writer.uint32((field << 3) | LENGTH_DELIMITED).string(value);
}

export function writeBytes(writer: WireWriter, field: number, value: Uint8Array): void {
  writer.uint32((field << 3) | LENGTH_DELIMITED).bytes(value);
}

/** A nested message, written by `body`. */
export function writeMessage(writer: WireWriter, field: number, body: (nested: WireWriter) => void): void {
  writer.uint32((field << 3) | LENGTH_DELIMITED).fork();
  body(writer);
  writer.ldelim();
}

/** A packed list of varints. */
export function writePackedInts(writer: WireWriter, field: number, values: readonly number[]): void {
  writer.uint32((field << 3) | LENGTH_DELIMITED).fork();
  for (const value of values) writer.int64(value);
  writer.ldelim();
}

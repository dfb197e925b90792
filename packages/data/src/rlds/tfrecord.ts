import type { FileHandle } from "node:fs/promises";
import { checksumMismatch, lfsPointer, truncatedFile } from "../errors.ts";
import { maskedCrc32c } from "./crc32c.ts";

/** Bytes before a payload: uint64 length and its CRC. */
export const HEADER_BYTES = 12;
/** Bytes after a payload: its CRC. */
export const FOOTER_BYTES = 4;

/** Where one record lies: `offset` of its header, `length` of its payload, in bytes. */
export interface RecordPlace {
  readonly offset: number;
  readonly length: number;
}

/** An open TFRecord file. `name` is what errors call it. */
export interface RecordFile {
  readonly handle: FileHandle;
  readonly name: string;
  readonly sizeBytes: number;
}

/**
 * Walks the record headers of a file without reading payloads: one small read a record.
 *
 * @throws PVLA_DATA_CHECKSUM for a wrong length CRC, PVLA_DATA_TRUNCATED where the file ends inside a record
 */
export async function* recordPlaces(file: RecordFile, from = 0): AsyncGenerator<RecordPlace> {
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  for (let offset = from; offset < file.sizeBytes;) {
    const length = await readLength(file, offset, header);
    yield { offset, length };
    offset += HEADER_BYTES + length + FOOTER_BYTES;
  }
}

/**
 * Reads one payload and verifies both of its checksums.
 *
 * @throws PVLA_DATA_CHECKSUM, PVLA_DATA_TRUNCATED
 */
export async function readRecord(file: RecordFile, { offset, length }: RecordPlace): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(HEADER_BYTES + length + FOOTER_BYTES);
  const nRead = await readFully(file.handle, bytes, offset);
  if (nRead < bytes.length)
    throw truncatedFile({ file: file.name, offset }, { what: "a record", needBytes: bytes.length, haveBytes: nRead });
  verify(file, offset, "a record's length", bytes.subarray(0, 8), bytes.readUInt32LE(8));
  const payload = bytes.subarray(HEADER_BYTES, HEADER_BYTES + length);
  verify(file, offset, "a record", payload, bytes.readUInt32LE(HEADER_BYTES + length));
  return payload;
}

/** What the first bytes of a would-be TFRecord file say it is. */
export async function sniffRecordFile({ handle, name, sizeBytes }: RecordFile): Promise<"plain" | "gzip"> {
  const head = Buffer.alloc(Math.min(64, sizeBytes));
  await readFully(handle, head, 0);
  if (head.toString("latin1").startsWith("version https://git-lfs")) throw lfsPointer(name);
  return head[0] === 0x1f && head[1] === 0x8b ? "gzip" : "plain";
}

/** Reads until `bytes` is full or the file ends; returns how many bytes came. */
export async function readFully(handle: FileHandle, bytes: Uint8Array, position: number): Promise<number> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

async function readLength(file: RecordFile, offset: number, header: Buffer): Promise<number> {
  const nRead = await readFully(file.handle, header, offset);
  if (nRead < HEADER_BYTES)
    throw truncatedFile(
      { file: file.name, offset },
      { what: "a record header", needBytes: HEADER_BYTES, haveBytes: nRead },
    );
  verify(file, offset, "a record's length", header.subarray(0, 8), header.readUInt32LE(8));
  const length = header.readUInt32LE(0) + header.readUInt32LE(4) * 2 ** 32;
  const needBytes = HEADER_BYTES + length + FOOTER_BYTES;
  if (offset + needBytes > file.sizeBytes)
    throw truncatedFile(
      { file: file.name, offset },
      { what: "a record", needBytes, haveBytes: file.sizeBytes - offset },
    );
  return length;
}

function verify(file: RecordFile, offset: number, what: string, bytes: Uint8Array, stored: number): void {
  const computed = maskedCrc32c(bytes);
  if (computed !== stored) throw checksumMismatch({ file: file.name, offset }, { what, stored, computed });
}

import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { crc32c, maskedCrc32c } from "./crc32c.ts";
import { encodeEvent } from "./event.ts";
import { EventFile } from "./event-file.ts";

test("crc-32c gives the check values of RFC 3720", () => {
  expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
});

test("an event is the protobuf message that TensorFlow writes", () => {
  const bytes = encodeEvent({ wallTimeS: 1, step: 300, scalars: { loss: 0.5 } });
  expect(Buffer.from(bytes).toString("hex")).toBe(
    "09000000000000f03f" + "10ac02" + "2a0d" + "0a0b" + "0a046c6f7373" + "150000003f",
  );
});

test("every record of an event file has valid lengths and checksums", () => {
  const dir = mkdtempSync(join(tmpdir(), "pixelvla-events-"));
  const events = new EventFile(dir, 21);
  events.scalars(21, { loss: 0.25, lr: 1e-3 });
  events.close();
  const file = readFileSync(events.path);
  let nRecords = 0;
  for (let at = 0; at < file.length; nRecords++) {
    const length = Number(file.readBigUInt64LE(at));
    expect(file.readUInt32LE(at + 8)).toBe(maskedCrc32c(file.subarray(at, at + 8)));
    expect(file.readUInt32LE(at + 12 + length)).toBe(maskedCrc32c(file.subarray(at + 12, at + 12 + length)));
    at += 16 + length;
  }
  expect(nRecords).toBe(3);
});

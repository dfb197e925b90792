import { crc32c } from "@node-rs/crc32";

/** CRC-32C (Castagnoli) as TFRecord stores it: rotated right by 15 bits, plus a constant, modulo 2^32. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes) >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

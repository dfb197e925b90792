/** What a JPEG's frame header says. */
export interface JpegHeader {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly nComponents: number;
  readonly bitsPerSample: number;
}

/** Reads the frame header (baseline, extended or progressive); undefined for anything else. */
export function jpegHeader(bytes: Uint8Array): JpegHeader | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  for (let at = 2; at + 9 < bytes.length;) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++; // fill byte
      continue;
    }
    if (marker >= 0xc0 && marker <= 0xc2)
      return {
        bitsPerSample: bytes[at + 4]!,
        heightPx: bytes[at + 5]! * 256 + bytes[at + 6]!,
        widthPx: bytes[at + 7]! * 256 + bytes[at + 8]!,
        nComponents: bytes[at + 9]!,
      };
    if (marker === 0xda || marker === 0xd9) return undefined;
    at += 2 + bytes[at + 2]! * 256 + bytes[at + 3]!;
  }
  return undefined;
}

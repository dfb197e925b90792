import { badMask } from "./errors.ts";
import { checkMaskSize, type BinaryMask } from "./mask.ts";

/**
 * Label Studio's brush masks: a bit stream over the flat RGBA pixels (H x W x 4 bytes, rows top to bottom).
 * Header: 32 bits number of values, 5 bits value size - 1, four times 4 bits run size - 1. Then blocks: 1 bit "run",
 * 2 bits which run size, that many bits length - 1, then one value (run) or `length` values.
 */
const VALUE_BITS = 8;
const RUN_BITS = [3, 4, 8, 16] as const;
const WHAT = "a Label Studio brush mask";

/** Pixels -> Label Studio's numbers 0..255. All four channels carry the mask as 0 or 255. */
export function encodeBrush(mask: BinaryMask): number[] {
  const bits = new BitWriter();
  bits.write(mask.data.length * 4, 32);
  bits.write(VALUE_BITS - 1, 5);
  for (const size of RUN_BITS) bits.write(size - 1, 4);
  for (let i = 0; i < mask.data.length;) {
    const value = mask.data[i] === 0 ? 0 : 255;
    let end = i + 1;
    while (end < mask.data.length && (mask.data[end] === 0 ? 0 : 255) === value) end++;
    for (let left = (end - i) * 4; left > 0;) {
      const length = Math.min(left, 1 << RUN_BITS[3]);
      const which = RUN_BITS.findIndex((size) => length <= 1 << size);
      bits.write(1, 1);
      bits.write(which, 2);
      bits.write(length - 1, RUN_BITS[which]!);
      bits.write(value, VALUE_BITS);
      left -= length;
    }
    i = end;
  }
  return bits.bytes();
}

/** Label Studio's numbers -> pixels: a pixel is set where its alpha is above 0. @throws PVLA_MASK_DECODE */
export function decodeBrush(
  rle: readonly number[],
  size: { heightPx: number; widthPx: number },
  where?: string,
): BinaryMask {
  checkMaskSize(WHAT, size.heightPx, size.widthPx);
  const strange = rle.find((value) => !Number.isInteger(value) || value < 0 || value > 255);
  if (strange !== undefined) throw badMask(WHAT, `the number ${String(strange)}`, "whole numbers from 0 to 255", where);
  const bits = new BitReader(rle, where);
  const nValues = bits.read(32);
  const needed = size.heightPx * size.widthPx * 4;
  if (nValues !== needed)
    throw badMask(WHAT, `${nValues} values`, `${needed} for ${size.widthPx}x${size.heightPx} RGBA pixels`, where);
  const valueBits = bits.read(5) + 1;
  const runBits = [0, 1, 2, 3].map(() => bits.read(4) + 1);
  const data = new Uint8Array(size.heightPx * size.widthPx);
  const put = (i: number, value: number) => {
    if (i % 4 === 3 && value > 0) data[(i - 3) / 4] = 1;
  };
  for (let i = 0; i < nValues;) {
    const isRun = bits.read(1) === 1;
    const end = i + 1 + bits.read(runBits[bits.read(2)]!);
    if (end > nValues) throw badMask(WHAT, `a block that ends at value ${end}`, `at most ${nValues} values`, where);
    if (isRun) for (const value = bits.read(valueBits); i < end; i++) put(i, value);
    else for (; i < end; i++) put(i, bits.read(valueBits));
  }
  return { ...size, data };
}

class BitWriter {
  private readonly out: number[] = [];
  private current = 0;
  private used = 0;

  write(value: number, bits: number): void {
    for (let bit = bits - 1; bit >= 0; bit--) {
      this.current = (this.current << 1) | (Math.floor(value / 2 ** bit) % 2);
      if (++this.used === 8) {
        this.out.push(this.current);
        this.current = this.used = 0;
      }
    }
  }

  bytes(): number[] {
    return this.used === 0 ? this.out : [...this.out, this.current << (8 - this.used)];
  }
}

class BitReader {
  private position = 0;
  private readonly source: readonly number[];
  private readonly where: string | undefined;

  constructor(source: readonly number[], where: string | undefined) {
    this.source = source;
    this.where = where;
  }

  read(bits: number): number {
    if (this.position + bits > this.source.length * 8)
      throw badMask(WHAT, `data that ends after ${this.source.length} bytes`, undefined, this.where);
    let value = 0;
    for (let i = 0; i < bits; i++, this.position++)
      value = value * 2 + ((this.source[this.position >> 3]! >> (7 - (this.position & 7))) & 1);
    return value;
  }
}

import { badMask, maskSizeMismatch } from "./errors.ts";
import { checkMaskSize, type BinaryMask, type PixelBox } from "./mask.ts";

/** COCO run lengths as JSON carries them: `size` is `[height, width]`, `counts` the compressed string or plain numbers. */
export interface CocoRle {
  readonly size: readonly [number, number];
  readonly counts: string | readonly number[];
}

/** COCO run lengths in compressed form, as the pixel dataset stores them. */
export interface CompressedRle extends CocoRle {
  readonly counts: string;
}

/**
 * Run lengths of a mask in memory: column by column, alternating background and object, background first. They add up
 * to H x W and only the first may be 0.
 */
export interface Runs {
  readonly heightPx: number;
  readonly widthPx: number;
  readonly counts: Uint32Array;
}

const WHAT = "a COCO RLE mask";

/** Pixels -> run lengths. */
export function runsFromMask({ heightPx, widthPx, data }: BinaryMask): Runs {
  const counts: number[] = [];
  let value = 0;
  let length = 0;
  for (let x = 0; x < widthPx; x++)
    for (let y = 0, i = x; y < heightPx; y++, i += widthPx) {
      const pixel = data[i] === 0 ? 0 : 1;
      if (pixel !== value) {
        counts.push(length);
        length = 0;
        value = pixel;
      }
      length++;
    }
  counts.push(length);
  return { heightPx, widthPx, counts: Uint32Array.from(counts) };
}

/** Run lengths -> pixels. */
export function maskFromRuns({ heightPx, widthPx, counts }: Runs): BinaryMask {
  const data = new Uint8Array(heightPx * widthPx);
  let position = 0;
  for (let run = 0; run < counts.length; run++) {
    const end = position + counts[run]!;
    if (run % 2 === 1)
      for (let x = Math.floor(position / heightPx), y = position % heightPx; position < end; position++) {
        data[y * widthPx + x] = 1;
        if (++y === heightPx) {
          y = 0;
          x++;
        }
      }
    position = end;
  }
  return { heightPx, widthPx, data };
}

/** Run lengths -> COCO's compressed ASCII string. */
export function compressRuns({ heightPx, widthPx, counts }: Runs): CompressedRle {
  const codes: number[] = [];
  for (let i = 0; i < counts.length; i++) {
    let rest = counts[i]! - (i > 2 ? counts[i - 2]! : 0);
    for (let more = true; more;) {
      let group = rest & 31;
      rest >>= 5;
      more = (group & 16) === 0 ? rest !== 0 : rest !== -1;
      if (more) group |= 32;
      codes.push(group + 48);
    }
  }
  let text = "";
  for (let i = 0; i < codes.length; i += 4096) text += String.fromCharCode(...codes.slice(i, i + 4096));
  return { size: [heightPx, widthPx], counts: text };
}

/**
 * Either COCO form -> run lengths, trusting nothing: characters, signs, overflow and the sum are checked.
 *
 * @param where file and record for the error sentence
 * @throws PVLA_MASK_DECODE
 */
export function runsFromCoco(rle: CocoRle, where?: string): Runs {
  const [heightPx, widthPx] = sizeOf(rle, where);
  const pixels = heightPx * widthPx;
  const numbers = typeof rle.counts === "string" ? expand(rle.counts, pixels, where) : rle.counts;
  if (!Array.isArray(numbers))
    throw badMask(WHAT, `counts of type ${typeof numbers}`, "a string or a list of numbers", where);
  let sum = 0;
  for (const [i, count] of (numbers as readonly number[]).entries()) {
    if (!Number.isInteger(count) || count < 0 || count > pixels)
      throw badMask(WHAT, `run ${i} of length ${String(count)}`, `0 to ${pixels}`, where);
    sum += count;
  }
  if (sum !== pixels)
    throw badMask(WHAT, `runs that add up to ${sum} pixels`, `${heightPx} x ${widthPx} = ${pixels}`, where);
  return { heightPx, widthPx, counts: normalised(numbers as readonly number[]) };
}

/** Parses a COCO RLE in JSON text, as the pixel dataset's mask column holds it. @throws PVLA_MASK_DECODE */
export function parseCocoRle(json: string, where?: string): Runs {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw badMask(WHAT, `${JSON.stringify(json.slice(0, 40))}, which is no JSON`, undefined, where);
  }
  if (typeof value !== "object" || value === null || !("counts" in value) || !("size" in value))
    throw badMask(WHAT, "no object", 'an object {"size": [height, width], "counts": ...}', where);
  return runsFromCoco(value as CocoRle, where);
}

/** Pixels -> COCO's compressed form. */
export const encodeCocoRle = (mask: BinaryMask): CompressedRle => compressRuns(runsFromMask(mask));

/** Either COCO form -> pixels. @throws PVLA_MASK_DECODE */
export const decodeCocoRle = (rle: CocoRle, where?: string): BinaryMask => maskFromRuns(runsFromCoco(rle, where));

/** Number of object pixels, without decoding pixels. */
export function runsArea({ counts }: Runs): number {
  let area = 0;
  for (let run = 1; run < counts.length; run += 2) area += counts[run]!;
  return area;
}

/** Smallest box around the object, without decoding pixels; undefined for an empty mask. */
export function runsBox({ counts, heightPx }: Runs): PixelBox | undefined {
  let [x0, y0, x1, y1] = [Infinity, heightPx, -1, -1];
  let position = counts[0] ?? 0;
  for (let run = 1; run < counts.length; run += 2) {
    const end = position + counts[run]!;
    const [firstX, lastX] = [Math.floor(position / heightPx), Math.floor((end - 1) / heightPx)];
    x0 = Math.min(x0, firstX);
    x1 = Math.max(x1, lastX + 1);
    y0 = firstX === lastX ? Math.min(y0, position % heightPx) : 0;
    y1 = firstX === lastX ? Math.max(y1, ((end - 1) % heightPx) + 1) : heightPx;
    position = end + (counts[run + 1] ?? 0);
  }
  return x1 < 0 ? undefined : { x0, y0, x1, y1 };
}

/** Intersection over union in 0..1 of two masks in run lengths; 1 when both are empty. @throws PVLA_MASK_SIZE */
export function runsIou(a: Runs, b: Runs): number {
  if (a.heightPx !== b.heightPx || a.widthPx !== b.widthPx)
    throw maskSizeMismatch("Comparing two masks", [a.heightPx, a.widthPx], [b.heightPx, b.widthPx]);
  let [i, j, intersection, union] = [0, 0, 0, 0];
  let [leftA, leftB] = [a.counts[0] ?? 0, b.counts[0] ?? 0];
  while (i < a.counts.length && j < b.counts.length) {
    const shared = Math.min(leftA, leftB);
    const [inA, inB] = [i % 2 === 1, j % 2 === 1];
    if (inA && inB) intersection += shared;
    if (inA || inB) union += shared;
    leftA -= shared;
    leftB -= shared;
    if (leftA === 0) leftA = a.counts[++i] ?? 0;
    if (leftB === 0) leftB = b.counts[++j] ?? 0;
  }
  return union === 0 ? 1 : intersection / union;
}

function sizeOf(rle: CocoRle, where: string | undefined): [number, number] {
  const size: unknown = rle.size;
  if (!Array.isArray(size) || size.length !== 2)
    throw badMask(WHAT, `size ${JSON.stringify(size)}`, "[height, width]", where);
  const [heightPx, widthPx] = size as [number, number];
  checkMaskSize(WHAT, heightPx, widthPx);
  return [heightPx, widthPx];
}

function expand(text: string, pixels: number, where: string | undefined): number[] {
  const counts: number[] = [];
  for (let at = 0; at < text.length;) {
    let value = 0;
    for (let shift = 0; ; shift += 5) {
      const code = text.charCodeAt(at) - 48;
      if (at >= text.length) throw badMask(WHAT, `a string that ends inside run ${counts.length}`, undefined, where);
      if (!(code >= 0 && code < 64))
        throw badMask(
          WHAT,
          `the character ${JSON.stringify(text[at])} at position ${at}`,
          'characters from "0" to "o"',
          where,
        );
      if (shift > 25) throw badMask(WHAT, `run ${counts.length} with more than 30 bits`, undefined, where);
      value |= (code & 31) << shift;
      at++;
      if ((code & 32) === 0) {
        if ((code & 16) !== 0) value |= -1 << (shift + 5);
        break;
      }
    }
    if (counts.length > 2) value += counts[counts.length - 2]!;
    counts.push(value);
    if (counts.length > 2 * pixels + 1) throw badMask(WHAT, `more than ${2 * pixels} runs`, undefined, where);
  }
  return counts;
}

/** Runs of length 0 after the first join their neighbours, so that equal masks have equal runs. */
function normalised(numbers: readonly number[]): Uint32Array {
  const counts: number[] = [0];
  let value = 0;
  for (const [i, count] of numbers.entries()) {
    if (count === 0) continue;
    if (i % 2 === value) counts[counts.length - 1]! += count;
    else {
      counts.push(count);
      value = i % 2;
    }
  }
  return Uint32Array.from(counts);
}

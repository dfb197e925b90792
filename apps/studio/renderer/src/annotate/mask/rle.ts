import type { WireMask } from "../../host/types.ts";

/** A mask in memory: `[H, W]`, 255 on the object, so that it is also the alpha or grey of a picture. */
export interface Mask {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly data: Uint8Array;
}

export const emptyMask = (widthPx: number, heightPx: number): Mask => ({
  widthPx,
  heightPx,
  data: new Uint8Array(widthPx * heightPx),
});

/**
 * COCO's compressed run lengths -> pixels. Runs go column by column, background first; each is coded as the difference to the run two
 * before it (from the fourth on), in groups of five bits, least first, bit 6 saying that another group follows.
 * The host has checked the text, so a damaged one merely gives a wrong picture here.
 */
export function decodeMask({ size: [heightPx, widthPx], counts }: WireMask): Mask {
  const mask = emptyMask(widthPx, heightPx);
  const runs: number[] = [];
  let position = 0;
  for (let at = 0; at < counts.length;) {
    let value = 0;
    let code = 32;
    for (let shift = 0; (code & 32) !== 0 && at < counts.length; shift += 5) {
      code = counts.charCodeAt(at++) - 48;
      value |= (code & 31) << shift;
      if ((code & 32) === 0 && (code & 16) !== 0) value |= -1 << (shift + 5);
    }
    if (runs.length > 2) value += runs[runs.length - 2]!;
    if (runs.length % 2 === 1)
      for (let i = position; i < position + value; i++)
        mask.data[(i % heightPx) * widthPx + Math.floor(i / heightPx)] = 255;
    position += value;
    runs.push(value);
  }
  return mask;
}

/** Pixels -> COCO's compressed run lengths. */
export function encodeMask({ widthPx, heightPx, data }: Mask): WireMask {
  const runs: number[] = [];
  let isObject = false;
  let length = 0;
  for (let x = 0; x < widthPx; x++)
    for (let i = x; i < data.length; i += widthPx) {
      if (data[i]! > 127 !== isObject) {
        runs.push(length);
        length = 0;
        isObject = !isObject;
      }
      length++;
    }
  runs.push(length);
  let counts = "";
  for (const [i, run] of runs.entries()) {
    let rest = run - (i > 2 ? runs[i - 2]! : 0);
    for (let more = true; more;) {
      const group = rest & 31;
      rest >>= 5;
      more = (group & 16) === 0 ? rest !== 0 : rest !== -1;
      counts += String.fromCharCode((more ? group | 32 : group) + 48);
    }
  }
  return { size: [heightPx, widthPx], counts };
}

/** Number of object pixels. */
export const maskArea = ({ data }: Mask): number => data.reduce((sum, value) => sum + (value > 127 ? 1 : 0), 0);

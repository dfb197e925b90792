import type { RgbImage } from "@pixelvla/data";
import { centreCropBox } from "../observation/image.ts";
import type { ServedPrompt } from "../observation/visual-prompt.ts";
import { badPrompt } from "../errors.ts";

/** A prompt given on the client's image, moved to the image after turning and cropping. @throws PVLA_SERVE_PROMPT */
export function movedPrompt(
  { points, line, box, mask }: ServedPrompt,
  { widthPx, heightPx }: RgbImage,
  { rotate180, centreCropArea }: { readonly rotate180: boolean; readonly centreCropArea: number },
): ServedPrompt {
  const crop = centreCropBox(widthPx, heightPx, centreCropArea);
  const at = (x: number, y: number): readonly [number, number] =>
    rotate180 ? [widthPx - 1 - x - crop.x, heightPx - 1 - y - crop.y] : [x - crop.x, y - crop.y];
  if (points !== undefined)
    return {
      points: points.map(({ x, y, isObject }) => {
        const [movedX, movedY] = at(x, y);
        return { x: movedX, y: movedY, isObject };
      }),
    };
  if (line !== undefined) return { line: line.map(([x, y]) => at(x, y)) };
  if (box !== undefined) {
    const [x0, y0, x1, y1] = box;
    const [first, last] = [at(x0, y0), at(x1 - 1, y1 - 1)];
    return {
      box: [
        Math.max(0, Math.min(first[0], last[0])),
        Math.max(0, Math.min(first[1], last[1])),
        Math.min(crop.width, Math.max(first[0], last[0]) + 1),
        Math.min(crop.height, Math.max(first[1], last[1]) + 1),
      ],
    };
  }
  const source = mask!;
  if (source.widthPx !== widthPx || source.heightPx !== heightPx)
    throw badPrompt(`a mask of ${source.widthPx} x ${source.heightPx} px`, `the image's ${widthPx} x ${heightPx} px`);
  const data = new Uint8Array(crop.width * crop.height);
  for (let y = 0; y < crop.height; y++)
    for (let x = 0; x < crop.width; x++) {
      const [sx, sy] = rotate180 ? [widthPx - 1 - x - crop.x, heightPx - 1 - y - crop.y] : [x + crop.x, y + crop.y];
      data[y * crop.width + x] = source.data[sy * widthPx + sx]!;
    }
  return { mask: { widthPx: crop.width, heightPx: crop.height, data } };
}

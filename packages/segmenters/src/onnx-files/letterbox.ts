import type { RgbImage } from "@pixelvla/data";
import { resizeRgb } from "../image/resize-rgb.ts";

/** How a picture was put into a model's input: model pixel = picture pixel * scale + offset. */
export interface Letterbox {
  readonly scale: number;
  readonly offsetX: number;
  readonly offsetY: number;
  /** `[3, H, W]`. */
  readonly planes: Float32Array;
}

export interface LetterboxOptions {
  readonly place: "centre" | "top-left";
  readonly order: "rgb" | "bgr";
  /** Values are multiplied by this: 1/255 or 1. */
  readonly factor: number;
}

/** Scales a picture into `width` x `height` keeping its shape; the rest is grey 114, as YOLO's preprocessing. */
export function letterbox(image: RgbImage, width: number, height: number, options: LetterboxOptions): Letterbox {
  const scale = Math.min(width / image.widthPx, height / image.heightPx);
  const inner = [image.widthPx, image.heightPx].map((side) => Math.max(1, Math.round(side * scale))) as [
    number,
    number,
  ];
  const centred = options.place === "centre";
  const offsetX = centred ? Math.floor((width - inner[0]) / 2) : 0;
  const offsetY = centred ? Math.floor((height - inner[1]) / 2) : 0;
  const planes = new Float32Array(3 * width * height).fill(114 * options.factor);
  // The reference results were made with sharp, whose default is Lanczos with antialiasing; bilinear moves scores by up to 0.06.
  const small = resizeRgb(image, inner[0], inner[1], { kernel: "lanczos", flavour: "pillow" });
  for (let c = 0; c < 3; c++) {
    const from = options.order === "rgb" ? c : 2 - c;
    for (let y = 0; y < inner[1]; y++)
      for (let x = 0; x < inner[0]; x++)
        planes[(c * height + y + offsetY) * width + x + offsetX] =
          small.data[3 * (y * inner[0] + x) + from]! * options.factor;
  }
  return { scale, offsetX, offsetY, planes };
}

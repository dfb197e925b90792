import { maskEdges } from "../../datasets/player/mask-outline.ts";
import type { Patch } from "./brush.ts";
import type { Mask } from "./rle.ts";

const OBJECT = [230, 159, 0] as const; // Okabe-Ito orange
const DRAFT = [86, 180, 233] as const; // sky blue: what is not saved yet

/**
 * A mask ready to be drawn at any size: its pixels as a picture, its contour as lines. While a brush paints, only the patch it touched is
 * brought up to date and the contour waits, so that a stroke costs the same on any picture.
 */
export class MaskLayer {
  readonly mask: Mask;
  readonly #picture: OffscreenCanvas;
  readonly #color: readonly [number, number, number];
  #edges: readonly (readonly number[])[] | undefined;

  constructor(mask: Mask, isDraft: boolean) {
    this.mask = mask;
    this.#color = isDraft ? DRAFT : OBJECT;
    this.#picture = new OffscreenCanvas(mask.widthPx, mask.heightPx);
    this.touch({ x0: 0, y0: 0, x1: mask.widthPx, y1: mask.heightPx });
  }

  /** Takes in what has changed within a patch. */
  touch({ x0, y0, x1, y1 }: Patch): void {
    this.#edges = undefined;
    if (x1 <= x0 || y1 <= y0) return;
    const patch = new ImageData(x1 - x0, y1 - y0);
    const { data, widthPx } = this.mask;
    for (let y = y0, at = 0; y < y1; y++)
      for (let x = x0; x < x1; x++, at += 4) {
        patch.data.set(this.#color, at);
        patch.data[at + 3] = data[y * widthPx + x]!;
      }
    this.#picture.getContext("2d")!.putImageData(patch, x0, y0);
  }

  /** Draws fill and contour over a picture shown at `widthPx` x `heightPx` screen pixels. */
  draw(
    context: CanvasRenderingContext2D,
    widthPx: number,
    heightPx: number,
    { opacity = 0.35, contour = true } = {},
  ): void {
    context.save();
    context.imageSmoothingEnabled = false;
    context.globalAlpha = opacity;
    context.drawImage(this.#picture, 0, 0, widthPx, heightPx);
    context.restore();
    if (!contour) return;
    const { mask } = this;
    this.#edges ??= maskEdges(mask.data, mask.widthPx, mask.heightPx);
    const [scaleX, scaleY] = [widthPx / mask.widthPx, heightPx / mask.heightPx];
    context.lineJoin = "round";
    context.lineCap = "round";
    context.beginPath();
    for (const [x0, y0, x1, y1] of this.#edges) {
      context.moveTo(x0! * scaleX, y0! * scaleY);
      context.lineTo(x1! * scaleX, y1! * scaleY);
    }
    context.strokeStyle = "rgb(0 0 0 / 75%)";
    context.lineWidth = 4;
    context.stroke();
    context.strokeStyle = `rgb(${this.#color.join(" ")})`;
    context.lineWidth = 2;
    context.stroke();
  }
}

import { toBase64 } from "./pictures.ts";
import type { Place } from "./drawing.ts";

/** A mask being brushed, in the picture's own pixels. It starts from the mask that is shown. */
export class Brush {
  readonly #canvas: OffscreenCanvas;

  constructor(widthPx: number, heightPx: number, start: ImageBitmap | undefined) {
    this.#canvas = new OffscreenCanvas(widthPx, heightPx);
    const context = this.#context();
    context.fillStyle = "#000";
    context.fillRect(0, 0, widthPx, heightPx);
    if (start !== undefined) context.drawImage(start, 0, 0, widthPx, heightPx);
  }

  /** Paints (or wipes away) along a way; `sizePx` is the brush's width in the picture's pixels. */
  stroke([x0, y0]: Place, [x1, y1]: Place, sizePx: number, isWipe: boolean): void {
    const context = this.#context();
    context.strokeStyle = isWipe ? "#000" : "#fff";
    context.lineWidth = Math.max(1, sizePx);
    context.lineCap = "round";
    context.beginPath();
    context.moveTo(x0, y0);
    context.lineTo(x1 + 1e-3, y1);
    context.stroke();
  }

  /** Draws the brushed mask over the picture, `widthPx` x `heightPx` screen pixels. */
  show(context: CanvasRenderingContext2D, widthPx: number, heightPx: number): void {
    context.save();
    context.globalAlpha = 0.3;
    context.globalCompositeOperation = "screen";
    context.drawImage(this.#canvas, 0, 0, widthPx, heightPx);
    context.restore();
  }

  /** The mask as PNG, base64. */
  async png(): Promise<string> {
    return toBase64(await this.#canvas.convertToBlob({ type: "image/png" }));
  }

  #context(): OffscreenCanvasRenderingContext2D {
    return this.#canvas.getContext("2d")!;
  }
}

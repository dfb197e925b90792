import type { FrameAnnotation } from "../../host/types.ts";
import { maskEdges } from "./mask-outline.ts";

/** What is drawn over the picture. */
export interface OverlayOptions {
  readonly showMask: boolean;
  readonly showPrompts: boolean;
  /** Opacity of the mask's fill, 0 to 1. */
  readonly opacity: number;
  /** Draws what lies between the picture and its mask. */
  readonly under?: () => void;
}

const OBJECT = "230, 159, 0"; // Okabe-Ito orange
const POSITIVE = "#009e73";
const NEGATIVE = "#d55e00";
const HALO = "rgb(0 0 0 / 75%)";

/** Strokes the current path twice, so that it shows on any picture. */
function strokeWithHalo(context: CanvasRenderingContext2D, color: string): void {
  context.strokeStyle = HALO;
  context.lineWidth = 4;
  context.stroke();
  context.strokeStyle = color;
  context.lineWidth = 2;
  context.stroke();
}

function drawMask(
  context: CanvasRenderingContext2D,
  mask: ImageBitmap,
  widthPx: number,
  heightPx: number,
  opacity: number,
): void {
  const scratch = new OffscreenCanvas(mask.width, mask.height);
  const own = scratch.getContext("2d", { willReadFrequently: true })!;
  own.drawImage(mask, 0, 0);
  const pixels = own.getImageData(0, 0, mask.width, mask.height);
  const scaleX = widthPx / mask.width;
  const scaleY = heightPx / mask.height;
  const runs = maskEdges(pixels.data, mask.width, mask.height, 4);
  const [r, g, b] = OBJECT.split(",").map(Number);
  for (let at = 0; at < pixels.data.length; at += 4) {
    const isObject = pixels.data[at]! > 127;
    pixels.data.set([r!, g!, b!, isObject ? Math.round(opacity * 255) : 0], at);
  }
  own.putImageData(pixels, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(scratch, 0, 0, widthPx, heightPx);
  context.beginPath();
  for (const [x0, y0, x1, y1] of runs) {
    context.moveTo(x0! * scaleX, y0! * scaleY);
    context.lineTo(x1! * scaleX, y1! * scaleY);
  }
  strokeWithHalo(context, `rgb(${OBJECT})`);
}

function drawPoint(context: CanvasRenderingContext2D, x: number, y: number, isPositive: boolean): void {
  context.beginPath();
  context.arc(x, y, 7, 0, 2 * Math.PI);
  context.fillStyle = isPositive ? POSITIVE : NEGATIVE;
  context.fill();
  strokeWithHalo(context, "#ffffff");
  context.beginPath();
  context.moveTo(x - 3.5, y);
  context.lineTo(x + 3.5, y);
  if (isPositive) {
    context.moveTo(x, y - 3.5);
    context.lineTo(x, y + 3.5);
  }
  context.strokeStyle = "#ffffff";
  context.lineWidth = 2;
  context.stroke();
}

/** Draws mask and prompts of one frame onto a canvas that lies over the picture, `widthPx` x `heightPx` screen pixels. */
export function drawOverlay(
  context: CanvasRenderingContext2D,
  widthPx: number,
  heightPx: number,
  annotation: FrameAnnotation | undefined,
  mask: ImageBitmap | undefined,
  { showMask, showPrompts, opacity, under }: OverlayOptions,
): void {
  context.clearRect(0, 0, widthPx, heightPx);
  under?.();
  if (annotation === undefined) return;
  context.lineJoin = "round";
  context.lineCap = "round";
  if (showMask && annotation.hasMask && mask !== undefined) drawMask(context, mask, widthPx, heightPx, opacity);
  if (!showPrompts) return;
  if (annotation.box !== undefined) {
    const [x0, y0, x1, y1] = annotation.box;
    context.beginPath();
    context.rect(x0! * widthPx, y0! * heightPx, (x1! - x0!) * widthPx, (y1! - y0!) * heightPx);
    strokeWithHalo(context, "#56b4e9");
  }
  for (const [x0, y0, x1, y1] of annotation.lines) {
    context.beginPath();
    context.moveTo(x0! * widthPx, y0! * heightPx);
    context.lineTo(x1! * widthPx, y1! * heightPx);
    strokeWithHalo(context, "#f0e442");
  }
  for (const { x, y, isPositive } of annotation.points) drawPoint(context, x * widthPx, y * heightPx, isPositive);
}

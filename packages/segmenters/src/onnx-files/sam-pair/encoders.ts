import type { OnnxSignature } from "@pixelvla/engines";
import { pixelValues, type Normalisation } from "../../image/pixel-values.ts";
import { resizeRgb } from "../../image/resize-rgb.ts";
import type { EncoderForm } from "./form.ts";

/** SAM's mean and deviation, in 0..255. */
const SAM_NORMALISATION: Normalisation = {
  rescaleFactor: 1 / 255,
  mean: [123.675 / 255, 116.28 / 255, 103.53 / 255],
  std: [58.395 / 255, 57.12 / 255, 57.375 / 255],
};
/** Longer side of pictures for encoders that pad by themselves. */
const SAM_SIDE_PX = 1024;

export const ENCODER_FORMS =
  "an encoder of float32[H, W, 3] in 0..255 (MobileSAM of Acly) or float32[1, 3, S, S], normalised and padded (SAM)";

/** The encoder's form by the shape of its only input; undefined for another model. */
export function encoderForm({ inputs }: OnnxSignature): EncoderForm | undefined {
  const [input] = inputs;
  if (inputs.length !== 1 || input === undefined) return undefined;
  const { name, shape } = input;
  if (shape.length === 3 && shape[2] === 3)
    return {
      input: name,
      sidePx: SAM_SIDE_PX,
      feed(image, { contentWidth, contentHeight }) {
        const { data } = resizeRgb(image, contentWidth, contentHeight);
        return { type: "float32", data: Float32Array.from(data), dims: [contentHeight, contentWidth, 3] };
      },
    };
  const [, channels, height, width] = shape;
  if (shape.length !== 4 || channels !== 3) return undefined;
  // An export that leaves its size open takes SAM's own.
  const sidePx = typeof height === "number" ? height : SAM_SIDE_PX;
  if (typeof width === "number" && width !== sidePx) return undefined;
  return {
    input: name,
    sidePx,
    feed(image, { contentWidth, contentHeight }) {
      const data = pixelValues(resizeRgb(image, contentWidth, contentHeight), SAM_NORMALISATION, sidePx, sidePx);
      return { type: "float32", data, dims: [1, 3, sidePx, sidePx] };
    },
  };
}

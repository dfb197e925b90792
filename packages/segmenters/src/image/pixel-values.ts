import type { RgbImage } from "@pixelvla/data";

/** `rescale_factor`, `image_mean` and `image_std` of a `preprocessor_config.json`. */
export interface Normalisation {
  readonly rescaleFactor: number;
  /** Of red, green and blue, in units of the rescaled image. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** torchvision's ImageNet statistics, transformers' default. */
export const IMAGENET_NORMALISATION: Normalisation = {
  rescaleFactor: 1 / 255,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};

/**
 * Planes `[3, height, width]` of a picture in the top-left corner, normalised in float32 as transformers' fused rescale
 * and normalise; the padding right and below is zero after normalisation.
 */
export function pixelValues(
  image: RgbImage,
  { rescaleFactor, mean, std }: Normalisation,
  width = image.widthPx,
  height = image.heightPx,
): Float32Array {
  const planes = new Float32Array(3 * width * height);
  for (let c = 0; c < 3; c++) {
    // One division by the factor, in float32, is what transformers does to mean and std.
    const factor = Math.fround(1 / rescaleFactor);
    const offset = Math.fround(Math.fround(mean[c]!) * factor);
    const spread = Math.fround(Math.fround(std[c]!) * factor);
    const table = Float32Array.from({ length: 256 }, (_, v) => Math.fround(v - offset) / spread);
    for (let y = 0; y < image.heightPx; y++) {
      let o = (c * height + y) * width;
      for (let x = 0, i = y * image.widthPx * 3 + c; x < image.widthPx; x++, i += 3)
        planes[o++] = table[image.data[i]!]!;
    }
  }
  return planes;
}

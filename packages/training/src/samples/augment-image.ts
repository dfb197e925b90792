import type { Random } from "@pixelvla/core";
import { z } from "zod";

/** Strongest changes of a picture's look; its geometry stays, and with it masks, prompts and actions. */
export const augmentSchema = z.strictObject({
  brightness: z.number().min(0).max(1).default(0.2).describe("Largest shift of brightness; 1 is the full range"),
  contrast: z.number().min(0).max(1).default(0.2).describe("Largest relative change of contrast"),
  saturation: z.number().min(0).max(1).default(0.2).describe("Largest relative change of saturation"),
  hue: z.number().min(0).max(0.5).default(0.05).describe("Largest turn of the hue, in turns"),
  shade: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe("Spread of a smooth coloured shade laid over the picture, as other light and other surfaces do"),
  exposure: z
    .number()
    .min(0)
    .max(4)
    .default(0)
    .describe("Largest change of the light's strength, in stops: 1 is up to twice or down to half"),
  share: z.number().min(0).max(1).default(1).describe("Share of the visits whose picture is changed; the others stay"),
});

export type AugmentOptions = z.output<typeof augmentSchema>;

/** Corners of the shade's patches along a side. */
const SHADE_CORNERS = 5;

/** Weights of red, green and blue in the luma, as in ITU-R BT.601. */
const LUMA = [0.299, 0.587, 0.114] as const;

/**
 * Changes the look of one picture in place: brightness, contrast, saturation and hue as OpenVLA's fine-tuning draws them (its
 * random crop is left out, which would move the target), and a smooth shade.
 *
 * @param pixels `[H, W, 3]` in [0, 1]; stays in that range
 */
export function augmentImage(
  pixels: Float32Array,
  { width, height }: { readonly width: number; readonly height: number },
  { brightness, contrast, saturation, hue, shade, exposure, share }: AugmentOptions,
  random: Random,
): void {
  if (share < 1 && random.uniform() >= share) return;
  const within = (largest: number) => largest * (2 * random.uniform() - 1);
  const shift = within(brightness);
  const gain = 1 + within(contrast);
  const colour = colourMatrix(1 + within(saturation), 2 * Math.PI * within(hue));
  const light = exposure > 0 ? 2 ** within(exposure) : 1;
  const shades = shade > 0 ? smoothShade(width, height, shade, random) : undefined;
  const [m0, m1, m2, m3, m4, m5, m6, m7, m8] = colour;
  const [r0, g0, b0] = channelMeans(pixels);
  // Contrast turns about the mean of what saturation and hue leave: a linear map, so the map of the mean.
  const offset = (centre: number) => light * centre * (1 - gain) + shift;
  const scale = light * gain;
  const [o0, o1, o2] = [
    offset(m0 * r0 + m1 * g0 + m2 * b0),
    offset(m3 * r0 + m4 * g0 + m5 * b0),
    offset(m6 * r0 + m7 * g0 + m8 * b0),
  ];
  for (let p = 0; p < pixels.length; p += 3) {
    const r = scale * pixels[p]!;
    const g = scale * pixels[p + 1]!;
    const b = scale * pixels[p + 2]!;
    pixels[p] = unit(m0 * r + m1 * g + m2 * b + o0 + (shades?.[p] ?? 0));
    pixels[p + 1] = unit(m3 * r + m4 * g + m5 * b + o1 + (shades?.[p + 1] ?? 0));
    pixels[p + 2] = unit(m6 * r + m7 * g + m8 * b + o2 + (shades?.[p + 2] ?? 0));
  }
}

type Nine = [number, number, number, number, number, number, number, number, number];

const unit = (value: number): number => Math.min(1, Math.max(0, value));

function channelMeans(pixels: Float32Array): [number, number, number] {
  const sums: [number, number, number] = [0, 0, 0];
  for (let p = 0; p < pixels.length; p += 3) {
    sums[0] += pixels[p]!;
    sums[1] += pixels[p + 1]!;
    sums[2] += pixels[p + 2]!;
  }
  const nPixels = pixels.length / 3;
  return [sums[0] / nPixels, sums[1] / nPixels, sums[2] / nPixels];
}

/** RGB to the I and Q of YIQ, and back. */
const TO_IQ = [
  [0.5959, -0.2746, -0.3213],
  [0.2115, -0.5227, 0.3112],
] as const;
const FROM_IQ = [
  [0.9563, 0.621],
  [-0.2721, -0.6474],
  [-1.107, 1.7046],
] as const;

/** Saturation about the luma, then a turn of the hue in the YIQ plane, as one 3 x 3 matrix over RGB, by rows. */
function colourMatrix(saturation: number, angle: number): Nine {
  const [cos, sin] = [saturation * Math.cos(angle), saturation * Math.sin(angle)];
  const [i, q] = TO_IQ;
  return FROM_IQ.flatMap(([ofI, ofQ]) =>
    LUMA.map((luma, c) => luma + ofI * (cos * i[c]! - sin * q[c]!) + ofQ * (sin * i[c]! + cos * q[c]!)),
  ) as Nine;
}

/** A random value at each corner of a coarse grid, bilinear between them, `[H, W, 3]`. */
function smoothShade(width: number, height: number, spread: number, random: Random): Float32Array {
  const n = SHADE_CORNERS;
  const corners = Float32Array.from({ length: n * n * 3 }, () => spread * random.normal());
  const at = (row: number, column: number, c: number) => corners[(row * n + column) * 3 + c]!;
  const shade = new Float32Array(width * height * 3);
  const place = (k: number, length: number) => {
    const x = length === 1 ? 0 : (k / (length - 1)) * (n - 1);
    const low = Math.min(Math.floor(x), n - 2);
    return { low, part: x - low };
  };
  const columns = Array.from({ length: width }, (_, x) => place(x, width));
  for (let y = 0, k = 0; y < height; y++) {
    const { low: row, part: down } = place(y, height);
    for (const { low: column, part: across } of columns)
      for (let c = 0; c < 3; c++) {
        const above = at(row, column, c) * (1 - across) + at(row, column + 1, c) * across;
        const below = at(row + 1, column, c) * (1 - across) + at(row + 1, column + 1, c) * across;
        shade[k++] = above * (1 - down) + below * down;
      }
  }
  return shade;
}

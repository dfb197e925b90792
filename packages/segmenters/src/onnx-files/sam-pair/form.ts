import type { FileTensor, OnnxSignature, OnnxValue } from "@pixelvla/engines";
import type { BinaryMask, RgbImage } from "@pixelvla/data";
import type { SegmentPrompt } from "../../contracts.ts";
import type { ImageFrame } from "../../image/frame.ts";

/** What one export family of SAM feeds its decoder with, and how its answer is read. */
export interface DecoderForm {
  /** How the family is called in messages. */
  readonly name: string;
  /** The decoder's inputs but for what the encoder gave. The prompt was checked. */
  feeds(prompt: SegmentPrompt, frame: ImageFrame): Record<string, FileTensor>;
  /** Masks of the picture's size with the model's own estimates of their IoU, in the decoder's order. */
  answer(outputs: Readonly<Record<string, FileTensor>>, frame: ImageFrame): { mask: BinaryMask; score: number }[];
}

/** How a picture goes into an encoder. */
export interface EncoderForm {
  readonly input: string;
  /** Side of the square the decoder's coordinates are in. */
  readonly sidePx: number;
  feed(image: RgbImage, frame: ImageFrame): FileTensor;
}

/** Inputs of a file by name. */
export const inputsOf = ({ inputs }: OnnxSignature): ReadonlyMap<string, OnnxValue> =>
  new Map(inputs.map((value) => [value.name, value]));

/** Whether a file has exactly the inputs named, or also some of `optional`. */
export function hasInputs(
  signature: OnnxSignature,
  needed: readonly string[],
  optional: readonly string[] = [],
): boolean {
  const names = signature.inputs.map(({ name }) => name);
  return needed.every((name) => names.includes(name)) && names.every((name) => [...needed, ...optional].includes(name));
}

export const float32 = (dims: readonly number[], values: ArrayLike<number>): FileTensor => ({
  type: "float32",
  data: Float32Array.from(values),
  dims,
});

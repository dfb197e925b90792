import { add, concat, conv2d, pad, reshape, slice, transpose, type Tensor, type Tensor4D } from "@tensorflow/tfjs-core";

/** Geometry of a 2-D convolution as core's Conv has it; `pads` are top, left, bottom, right. */
export interface ConvGeometry {
  readonly strides: readonly number[];
  readonly pads: readonly number[];
  readonly dilations: readonly number[];
  readonly group: number;
}

/** Cross-correlation of `[B, C, H, W]` with `[O, C / groups, kh, kw]`, composed from tfjs's ungrouped NHWC one. */
export function convolve(x: Tensor4D, w: Tensor4D, bias: Tensor | undefined, geometry: ConvGeometry): Tensor {
  const { strides, pads, dilations, group } = geometry;
  const framed = padOrCrop(padOrCrop(x, 2, pads[0]!, pads[2]!), 3, pads[1]!, pads[3]!);
  // tfjs refuses strides together with dilations: spread the kernel's own taps instead.
  const spread = insertZeros(insertZeros(w, 2, dilations[0]!), 3, dilations[1]!);
  const [o, cg, kh, kw] = spread.shape;
  const channelsLast: Tensor4D = transpose(framed, [0, 2, 3, 1]);
  const [b, height, width] = channelsLast.shape;
  const parts = Array.from({ length: group }, (_, g) => {
    const input = slice(channelsLast, [0, 0, 0, g * cg], [b, height, width, cg]);
    const kernel = slice(spread, [(g * o) / group, 0, 0, 0], [o / group, cg, kh, kw]);
    return conv2d(input, transpose(kernel, [2, 3, 1, 0]), [strides[0]!, strides[1]!], "valid");
  });
  const y = transpose(concat(parts, 3), [0, 3, 1, 2]);
  return bias === undefined ? y : add(y, reshape(bias, [1, o, 1, 1]));
}

/** `step - 1` zeros between neighbours along `axis`. */
export function insertZeros(x: Tensor4D, axis: number, step: number): Tensor4D {
  if (step === 1) return x;
  const dim = x.shape[axis]!;
  const before = x.shape.slice(0, axis).reduce((a, b) => a * b, 1);
  const after = x.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const lifted = pad(reshape(x, [before * dim, 1, after]), [
    [0, 0],
    [0, step - 1],
    [0, 0],
  ]);
  const grown = reshape(lifted, [before, dim * step, after]);
  const kept = (dim - 1) * step + 1;
  return reshape(
    slice(grown, [0, 0, 0], [before, kept, after]),
    x.shape.map((d, i) => (i === axis ? kept : d)) as Tensor4D["shape"],
  );
}

/** Zeros around `axis`; negative amounts cut off instead. */
export function padOrCrop(x: Tensor4D, axis: number, before: number, after: number): Tensor4D {
  const at = (value: number) => x.shape.map((_, i) => (i === axis ? value : 0));
  const widths = at(Math.max(0, before)).map((b, i): [number, number] => [b, i === axis ? Math.max(0, after) : 0]);
  const padded = pad(x, widths);
  if (before >= 0 && after >= 0) return padded;
  return slice(
    padded,
    at(Math.max(0, -before)),
    padded.shape.map((dim, i) => (i === axis ? dim + Math.min(0, before) + Math.min(0, after) : dim)),
  );
}

import {
  add,
  concat,
  equal,
  gelu,
  gemm,
  layerNorm,
  linear,
  MASKED_LOGIT,
  matmul,
  relu,
  reshape,
  slice,
  transpose,
  transposeLast,
  where,
  type Graph,
  type Tensor,
} from "@pixelvla/core";
import { gridSide, type SamConfig } from "./config.ts";
import { embedMask, embedPoints, imagePositions, noMask, SAM_LABEL } from "./prompt-encoder.ts";
import { twoWayTransformer } from "./two-way-attention.ts";

export interface MaskDecoderInput {
  /** The encoder's `[N, C]`. */
  readonly embedding: Tensor;
  /** `[P, 2]`, x and y in the model's pixels. */
  readonly points: Tensor;
  /** `[P]`, values of `SAM_LABEL`. */
  readonly labels: Tensor;
  /** `[1, 1, 4 grid, 4 grid]`. */
  readonly maskLogits?: Tensor;
}

export interface MaskDecoderOutput {
  /** `[M + 1, 4 grid, 4 grid]`: first the mask for unambiguous prompts, then the M candidates. */
  readonly masks: Tensor;
  /** `[1, M + 1]`, the model's estimate of each mask's IoU. */
  readonly scores: Tensor;
}

/**
 * Prompt encoder and mask decoder of SAM, with transformers' names. Upscaling by transposed convolutions whose stride is
 * their kernel is written as two products over cells.
 *
 * Source: SAM's `MaskDecoder`; transformers' `SamMaskDecoder`.
 */
export function buildMaskDecoder(g: Graph, input: MaskDecoderInput, config: SamConfig): MaskDecoderOutput {
  const { mask_decoder_config: decoder, vision_config } = config;
  const { hidden_size: width, num_multimask_outputs } = decoder;
  const grid = gridSide(vision_config);
  const nMasks = num_multimask_outputs + 1;
  const nSlots = input.labels.shape[0]!;

  const sparse = embedPoints(g, input.points, input.labels, config);
  const dense = input.maskLogits === undefined ? noMask(g, config) : embedMask(g, input.maskLogits, config);
  const positions = imagePositions(g, config);
  const slotMask = where(equal(input.labels, SAM_LABEL.unused), MASKED_LOGIT, 0); // [P]
  const own = g.constant("float32", [1 + nMasks], new Float32Array(1 + nMasks));
  const tokenMask = reshape(concat([own, slotMask], 0), [1, 1, 1, 1 + nMasks + nSlots]);

  return g.within("mask_decoder", () => {
    const embeddingOf = (name: string, rows: number) =>
      g.within(name, () => reshape(g.parameter("weight", [rows, width], { kind: "normal", std: 1 }), [1, rows, width]));
    const { tokens, cells } = twoWayTransformer(
      g,
      {
        tokens: concat([embeddingOf("iou_token", 1), embeddingOf("mask_tokens", nMasks), sparse], 1),
        cells: add(reshape(input.embedding, [1, grid * grid, width]), dense),
        positions,
        tokenMask,
      },
      decoder,
    );
    const token = (i: number) => reshape(slice(tokens, 1, i, i + 1), [1, width]);
    const pixels = upscale(g, reshape(cells, [grid * grid, width]), decoder.hidden_size); // [16 N, C / 8]
    const weights = Array.from({ length: nMasks }, (_, i) =>
      g.within(`output_hypernetworks_mlps.${i}`, () => feedForward(g, token(1 + i), width, width / 8, 3)),
    );
    const products = matmul(pixels, transposeLast(concat(weights, 0))); // [16 N, M + 1], cell by cell
    // [y, x, dy, dx, ey, ex, M + 1] -> [M + 1, y, dy, ey, x, dx, ex]
    const arranged = transpose(reshape(products, [grid, grid, 2, 2, 2, 2, nMasks]), [6, 0, 2, 4, 1, 3, 5]);
    const scores = g.within("iou_prediction_head", () =>
      feedForward(g, token(0), decoder.iou_head_hidden_dim, nMasks, decoder.iou_head_depth),
    );
    return { masks: reshape(arranged, [nMasks, 4 * grid, 4 * grid]), scores };
  });
}

/** Cells `[N, C]` -> sixteen pixels of each `[16 N, C / 8]`: two doublings, each a product with `[C_in, C_out * 4]`. */
function upscale(g: Graph, cells: Tensor, width: number): Tensor {
  const doubled = double(g, cells, width / 4, "upscale_conv1");
  const activated = gelu(layerNorm(g, doubled, "upscale_layer_norm", { epsilon: 1e-6 }));
  return gelu(double(g, activated, width / 8, "upscale_conv2"));
}

/** Transposed 2 x 2 convolution of stride 2: `[n, C]` -> `[4 n, outputs]`, the four pixels of a cell in a row. */
function double(g: Graph, x: Tensor, outputs: number, name: string): Tensor {
  const [n, channels] = x.shape as [number, number];
  return g.within(name, () => {
    const kernel = g.parameter("weight", [channels, outputs, 2, 2], {
      kind: "uniform",
      bound: 1 / Math.sqrt(outputs * 4),
    });
    const bias = g.parameter("bias", [outputs], { kind: "zeros" });
    const byPixel = reshape(transpose(kernel, [0, 2, 3, 1]), [channels, 4 * outputs]);
    const repeated = reshape(concat([bias, bias, bias, bias], 0), [1, 4 * outputs]);
    return reshape(gemm(x, byPixel, repeated), [4 * n, outputs]);
  });
}

function feedForward(g: Graph, x: Tensor, hidden: number, outputs: number, depth: number): Tensor {
  let y = relu(linear(g, x, hidden, "proj_in"));
  for (let i = 0; i < depth - 2; i++) y = relu(linear(g, y, hidden, `layers.${i}`));
  return linear(g, y, outputs, "proj_out");
}

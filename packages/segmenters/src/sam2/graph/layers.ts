import {
  add,
  attention,
  concat,
  gelu,
  gemm,
  linear,
  matmul,
  relu,
  reshape,
  sigmoid,
  sizeOf,
  slice,
  splitHeads,
  mergeHeads,
  type Graph,
  type Tensor,
} from "@pixelvla/core";
import type { Activation } from "../config.ts";

export const activate = (x: Tensor, activation: Activation): Tensor => (activation === "gelu" ? gelu(x) : relu(x));

export interface FeedForwardOptions {
  readonly hidden: number;
  readonly output: number;
  readonly layers: number;
  readonly activation?: Activation;
  readonly sigmoidOutput?: boolean;
}

/** transformers' `Sam2FeedForward`: `proj_in`, `layers.*`, `proj_out` with activations between. */
export function feedForward(g: Graph, x: Tensor, name: string, options: FeedForwardOptions): Tensor {
  const { hidden, output, layers, activation = "relu", sigmoidOutput = false } = options;
  return g.within(name, () => {
    let y = activate(linear(g, x, hidden, "proj_in"), activation);
    for (let i = 0; i < layers - 2; i++) y = activate(linear(g, y, hidden, `layers.${i}`), activation);
    y = linear(g, y, output, "proj_out");
    return sigmoidOutput ? sigmoid(y) : y;
  });
}

/** A 1x1 convolution's parameters as a matrix `[out, in]` and a bias `[out]`. */
export function pointwiseParameters(g: Graph, inputs: number, outputs: number, name: string): [Tensor, Tensor] {
  return g.within(name, () => [
    reshape(g.parameter("weight", [outputs, inputs, 1, 1], { kind: "uniform", bound: 1 / Math.sqrt(inputs) }), [
      outputs,
      inputs,
    ]),
    g.parameter("bias", [outputs], { kind: "zeros" }),
  ]);
}

/** A 1x1 convolution of channels-last `[..., C]` as a matrix product. */
export function pointwise(g: Graph, x: Tensor, outputs: number, name: string): Tensor {
  return applyPointwise(x, pointwiseParameters(g, x.shape.at(-1)!, outputs, name));
}

export function applyPointwise(x: Tensor, [weight, bias]: readonly [Tensor, Tensor]): Tensor {
  const inputs = x.shape.at(-1)!;
  const rows = gemm(reshape(x, [sizeOf(x.shape) / inputs, inputs]), weight, bias, 0, 1);
  return reshape(rows, [...x.shape.slice(0, -1), weight.shape[0]!]);
}

/** Two 1x1 convolutions in a row as one: the products of weights are folded when the program is compiled. */
export function chainPointwise(
  [first, firstBias]: readonly [Tensor, Tensor],
  [second, secondBias]: readonly [Tensor, Tensor],
): [Tensor, Tensor] {
  const bias = reshape(matmul(second, reshape(firstBias, [firstBias.shape[0]!, 1])), [second.shape[0]!]);
  return [matmul(second, first), add(bias, secondBias)];
}

/** Logits of one attention product are kept below this many bytes; the queries are cut into pieces otherwise. */
const MAX_LOGIT_BYTES = 1 << 25;

/** Multi-head attention of `[B, T, D]` over `[B, S, D]` -> `[B, T, D]`; `mask` is added to the logits. */
export function attend(q: Tensor, k: Tensor, v: Tensor, heads: number, mask?: Tensor): Tensor {
  return mergeHeads(attendHeads(splitHeads(q, heads), splitHeads(k, heads), splitHeads(v, heads), mask));
}

/** `attend` on tensors `[B, heads, T, Dh]` that are split into heads already. */
export function attendHeads(q: Tensor, k: Tensor, v: Tensor, mask?: Tensor): Tensor {
  const [b, heads, t] = q.shape as [number, number, number];
  const rows = Math.max(1, Math.min(t, Math.floor(MAX_LOGIT_BYTES / (4 * b * heads * k.shape[2]!))));
  const pieces: Tensor[] = [];
  for (let start = 0; start < t; start += rows) {
    pieces.push(attention(slice(q, 2, start, Math.min(t, start + rows)), k, v, { mask }));
  }
  return pieces.length === 1 ? pieces[0]! : concat(pieces, 2);
}

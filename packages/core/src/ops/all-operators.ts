import type { Operator } from "../graph/operator.ts";
import { absOperator } from "./abs.ts";
import { addOperator } from "./add.ts";
import { andOperator } from "./and.ts";
import { argMaxOperator } from "./arg-max.ts";
import { castOperator } from "./cast.ts";
import { concatOperator } from "./concat.ts";
import { convTransposeOperator } from "./conv-transpose.ts";
import { convOperator } from "./conv.ts";
import { cosOperator } from "./cos.ts";
import { cumSumOperator } from "./cum-sum.ts";
import { dequantizeLinearOperator } from "./dequantize-linear.ts";
import { divOperator } from "./div.ts";
import { equalOperator } from "./equal.ts";
import { erfOperator } from "./erf.ts";
import { expOperator } from "./exp.ts";
import { expandOperator } from "./expand.ts";
import { floorOperator } from "./floor.ts";
import { gatherElementsOperator } from "./gather-elements.ts";
import { gatherNdOperator } from "./gather-nd.ts";
import { gatherOperator } from "./gather.ts";
import { geluOperator } from "./gelu.ts";
import { gemmOperator } from "./gemm.ts";
import { greaterOrEqualOperator } from "./greater-or-equal.ts";
import { greaterOperator } from "./greater.ts";
import { layerNormalizationOperator } from "./layer-normalization.ts";
import { lessOrEqualOperator } from "./less-or-equal.ts";
import { lessOperator } from "./less.ts";
import { logSoftmaxOperator } from "./log-softmax.ts";
import { logOperator } from "./log.ts";
import { matmulNBitsOperator } from "./matmul-nbits.ts";
import { matmulOperator } from "./matmul.ts";
import { maxOperator } from "./max.ts";
import { minOperator } from "./min.ts";
import { mulOperator } from "./mul.ts";
import { negOperator } from "./neg.ts";
import { notOperator } from "./not.ts";
import { orOperator } from "./or.ts";
import { padOperator } from "./pad.ts";
import { powOperator } from "./pow.ts";
import { reciprocalOperator } from "./reciprocal.ts";
import { reduceMaxOperator } from "./reduce-max.ts";
import { reduceMeanOperator } from "./reduce-mean.ts";
import { reduceSumOperator } from "./reduce-sum.ts";
import { reluOperator } from "./relu.ts";
import { reshapeOperator } from "./reshape.ts";
import { scatterElementsOperator } from "./scatter-elements.ts";
import { scatterNdOperator } from "./scatter-nd.ts";
import { sigmoidOperator } from "./sigmoid.ts";
import { signOperator } from "./sign.ts";
import { sinOperator } from "./sin.ts";
import { sliceOperator } from "./slice.ts";
import { softmaxOperator } from "./softmax.ts";
import { softplusOperator } from "./softplus.ts";
import { sqrtOperator } from "./sqrt.ts";
import { identityOperator } from "./stop-gradient.ts";
import { subOperator } from "./sub.ts";
import { tanhOperator } from "./tanh.ts";
import { topKOperator } from "./top-k.ts";
import { transposeOperator } from "./transpose.ts";
import { whereOperator } from "./where.ts";

/** Every operator of core, for engines and tests that must cover them all. */
export const coreOperators: readonly Operator[] = [
  absOperator,
  addOperator,
  andOperator,
  argMaxOperator,
  castOperator,
  concatOperator,
  convTransposeOperator,
  convOperator,
  cosOperator,
  cumSumOperator,
  dequantizeLinearOperator,
  divOperator,
  equalOperator,
  erfOperator,
  expOperator,
  expandOperator,
  floorOperator,
  gatherElementsOperator,
  gatherNdOperator,
  gatherOperator,
  geluOperator,
  gemmOperator,
  greaterOrEqualOperator,
  greaterOperator,
  layerNormalizationOperator,
  lessOrEqualOperator,
  lessOperator,
  logSoftmaxOperator,
  logOperator,
  matmulNBitsOperator,
  matmulOperator,
  maxOperator,
  minOperator,
  mulOperator,
  negOperator,
  notOperator,
  orOperator,
  padOperator,
  powOperator,
  reciprocalOperator,
  reduceMaxOperator,
  reduceMeanOperator,
  reduceSumOperator,
  reluOperator,
  reshapeOperator,
  scatterElementsOperator,
  scatterNdOperator,
  sigmoidOperator,
  signOperator,
  sinOperator,
  sliceOperator,
  softmaxOperator,
  softplusOperator,
  sqrtOperator,
  identityOperator,
  subOperator,
  tanhOperator,
  topKOperator,
  transposeOperator,
  whereOperator,
];

import type { Kernel } from "./kernel.ts";
import { absKernel } from "./kernels/abs.ts";
import { addKernel } from "./kernels/add.ts";
import { andKernel } from "./kernels/and.ts";
import { argMaxKernel } from "./kernels/arg-max.ts";
import { castKernel } from "./kernels/cast.ts";
import { concatKernel } from "./kernels/concat.ts";
import { convKernel } from "./kernels/conv.ts";
import { convTransposeKernel } from "./kernels/conv-transpose.ts";
import { cosKernel } from "./kernels/cos.ts";
import { cumSumKernel } from "./kernels/cum-sum.ts";
import { dequantizeLinearKernel } from "./kernels/dequantize-linear.ts";
import { divKernel } from "./kernels/div.ts";
import { equalKernel } from "./kernels/equal.ts";
import { erfKernel } from "./kernels/erf.ts";
import { expKernel } from "./kernels/exp.ts";
import { expandKernel } from "./kernels/expand.ts";
import { floorKernel } from "./kernels/floor.ts";
import { gatherKernel } from "./kernels/gather.ts";
import { gatherElementsKernel } from "./kernels/gather-elements.ts";
import { gatherNDKernel } from "./kernels/gather-nd.ts";
import { geluKernel } from "./kernels/gelu.ts";
import { gemmKernel } from "./kernels/gemm.ts";
import { greaterKernel } from "./kernels/greater.ts";
import { greaterOrEqualKernel } from "./kernels/greater-or-equal.ts";
import { identityKernel } from "./kernels/identity.ts";
import { layerNormalizationKernel } from "./kernels/layer-normalization.ts";
import { lessKernel } from "./kernels/less.ts";
import { lessOrEqualKernel } from "./kernels/less-or-equal.ts";
import { logKernel } from "./kernels/log.ts";
import { logSoftmaxKernel } from "./kernels/log-softmax.ts";
import { matMulKernel } from "./kernels/matmul.ts";
import { matMulNBitsKernel } from "./kernels/matmul-nbits.ts";
import { maxKernel } from "./kernels/max.ts";
import { minKernel } from "./kernels/min.ts";
import { mulKernel } from "./kernels/mul.ts";
import { negKernel } from "./kernels/neg.ts";
import { notKernel } from "./kernels/not.ts";
import { orKernel } from "./kernels/or.ts";
import { padKernel } from "./kernels/pad.ts";
import { powKernel } from "./kernels/pow.ts";
import { reciprocalKernel } from "./kernels/reciprocal.ts";
import { reduceMaxKernel } from "./kernels/reduce-max.ts";
import { reduceMeanKernel } from "./kernels/reduce-mean.ts";
import { reduceSumKernel } from "./kernels/reduce-sum.ts";
import { reluKernel } from "./kernels/relu.ts";
import { reshapeKernel } from "./kernels/reshape.ts";
import { scatterElementsKernel } from "./kernels/scatter-elements.ts";
import { scatterNDKernel } from "./kernels/scatter-nd.ts";
import { sigmoidKernel } from "./kernels/sigmoid.ts";
import { signKernel } from "./kernels/sign.ts";
import { sinKernel } from "./kernels/sin.ts";
import { sliceKernel } from "./kernels/slice.ts";
import { softmaxKernel } from "./kernels/softmax.ts";
import { softplusKernel } from "./kernels/softplus.ts";
import { sqrtKernel } from "./kernels/sqrt.ts";
import { subKernel } from "./kernels/sub.ts";
import { tanhKernel } from "./kernels/tanh.ts";
import { topKKernel } from "./kernels/top-k.ts";
import { transposeKernel } from "./kernels/transpose.ts";
import { whereKernel } from "./kernels/where.ts";

/** Every kernel of the tfjs engine by operator name. */
export const tfjsKernels: ReadonlyMap<string, Kernel> = new Map(
  [
    absKernel,
    addKernel,
    andKernel,
    argMaxKernel,
    castKernel,
    concatKernel,
    convKernel,
    convTransposeKernel,
    cosKernel,
    cumSumKernel,
    dequantizeLinearKernel,
    divKernel,
    equalKernel,
    erfKernel,
    expKernel,
    expandKernel,
    floorKernel,
    gatherKernel,
    gatherElementsKernel,
    gatherNDKernel,
    geluKernel,
    gemmKernel,
    greaterKernel,
    greaterOrEqualKernel,
    identityKernel,
    layerNormalizationKernel,
    lessKernel,
    lessOrEqualKernel,
    logKernel,
    logSoftmaxKernel,
    matMulKernel,
    matMulNBitsKernel,
    maxKernel,
    minKernel,
    mulKernel,
    negKernel,
    notKernel,
    orKernel,
    padKernel,
    powKernel,
    reciprocalKernel,
    reduceMaxKernel,
    reduceMeanKernel,
    reduceSumKernel,
    reluKernel,
    reshapeKernel,
    scatterElementsKernel,
    scatterNDKernel,
    sigmoidKernel,
    signKernel,
    sinKernel,
    sliceKernel,
    softmaxKernel,
    softplusKernel,
    sqrtKernel,
    subKernel,
    tanhKernel,
    topKKernel,
    transposeKernel,
    whereKernel,
  ].map((kernel) => [kernel.operator, kernel]),
);

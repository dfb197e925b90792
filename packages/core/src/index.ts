export { PixelVlaError, pixelVlaError, sentence, type ErrorSentence } from "./pixelvla-error.ts";
export { nearestName } from "./nearest.ts";
export { workerEntry, type WorkerEntry } from "./worker-entry.ts";
export { Random } from "./random.ts";
export { DIMENSION_LETTERS } from "./dims.ts";

// Graph
export { Graph, emitOne } from "./graph/graph.ts";
export { Tensor, type TensorOrigin } from "./graph/tensor.ts";
export { type GraphNode } from "./graph/node.ts";
export { byteSize, hostArray, isFloat, BITS_PER_ELEMENT, type DType, type HostArray } from "./graph/dtype.ts";
export { broadcastShapes, formatShape, sameShape, sizeOf, stridesOf, type Shape } from "./graph/shape.ts";
export {
  defineOperator,
  int64Input,
  operatorMismatch,
  type Attributes,
  type AttributeKind,
  type AttributeValue,
  type ConstantInput,
  type GradientContext,
  type Operator,
  type OperatorDefinition,
  type TensorType,
} from "./graph/operator.ts";
export { type FileRegion, type Initialiser, type Parameter, type ParameterSource } from "./graph/parameter.ts";
export { initialValues } from "./graph/initialise.ts";

// Differentiation and programs
export { gradients, GRADIENT_SCOPE } from "./autodiff/gradients.ts";
export { extractProgram, type Program } from "./program/program.ts";
export {
  boundaryElementsPerSample,
  partitionFrozenPrefix,
  type Partition,
  type PartitionOptions,
} from "./program/partition.ts";
export { nodeFlops, programCost, type CostOptions, type PartCost, type ProgramCost } from "./program/cost.ts";
export { printProgram } from "./program/print.ts";
export { ONNX_OPSET, toOnnx, type OnnxModel, type OnnxOptions } from "./onnx/serialize.ts";

// Operators
export { coreOperators } from "./ops/all-operators.ts";
export { type TensorLike } from "./ops/unary.ts";
export { abs } from "./ops/abs.ts";
export { add } from "./ops/add.ts";
export { and } from "./ops/and.ts";
export { argMax } from "./ops/arg-max.ts";
export { ONNX_DATA_TYPE, cast } from "./ops/cast.ts";
export { concat } from "./ops/concat.ts";
export { convTranspose } from "./ops/conv-transpose.ts";
export { conv, type ConvAttributes } from "./ops/conv.ts";
export { cos } from "./ops/cos.ts";
export { cumSum } from "./ops/cum-sum.ts";
export { dequantizeLinear } from "./ops/dequantize-linear.ts";
export { div } from "./ops/div.ts";
export { equal } from "./ops/equal.ts";
export { erf } from "./ops/erf.ts";
export { exp } from "./ops/exp.ts";
export { expand } from "./ops/expand.ts";
export { floor } from "./ops/floor.ts";
export { gatherElements } from "./ops/gather-elements.ts";
export { gatherNd } from "./ops/gather-nd.ts";
export { gather, repeatInterleave } from "./ops/gather.ts";
export { gelu } from "./ops/gelu.ts";
export { gemm } from "./ops/gemm.ts";
export { greaterOrEqual } from "./ops/greater-or-equal.ts";
export { greater } from "./ops/greater.ts";
export { layerNormalization } from "./ops/layer-normalization.ts";
export { lessOrEqual } from "./ops/less-or-equal.ts";
export { less } from "./ops/less.ts";
export { logSoftmax } from "./ops/log-softmax.ts";
export { log } from "./ops/log.ts";
export { matmulNBits, matmulNBitsOperator } from "./ops/matmul-nbits.ts";
export { matmul, transposeLast } from "./ops/matmul.ts";
export { max } from "./ops/max.ts";
export { min } from "./ops/min.ts";
export { mul } from "./ops/mul.ts";
export { neg } from "./ops/neg.ts";
export { not } from "./ops/not.ts";
export { or } from "./ops/or.ts";
export { pad } from "./ops/pad.ts";
export { pow } from "./ops/pow.ts";
export { reciprocal } from "./ops/reciprocal.ts";
export { reduceMax } from "./ops/reduce-max.ts";
export { reduceMean } from "./ops/reduce-mean.ts";
export { reduceSum } from "./ops/reduce-sum.ts";
export { relu } from "./ops/relu.ts";
export { reshape } from "./ops/reshape.ts";
export { scatterElementsAdd } from "./ops/scatter-elements.ts";
export { scatterNdAdd, scatterAddRows } from "./ops/scatter-nd.ts";
export { sigmoid } from "./ops/sigmoid.ts";
export { sign } from "./ops/sign.ts";
export { sin } from "./ops/sin.ts";
export { slice, at } from "./ops/slice.ts";
export { softmax } from "./ops/softmax.ts";
export { softplus } from "./ops/softplus.ts";
export { sqrt } from "./ops/sqrt.ts";
export { stopGradient } from "./ops/stop-gradient.ts";
export { sub } from "./ops/sub.ts";
export { tanh } from "./ops/tanh.ts";
export { topK } from "./ops/top-k.ts";
export { transpose } from "./ops/transpose.ts";
export { where } from "./ops/where.ts";

// Layers and losses
export { silu } from "./nn/activations.ts";
export {
  MASKED_LOGIT,
  attention,
  attentionWeights,
  recordAttention,
  splitHeads,
  mergeHeads,
  causalMask,
  blockMask,
  type AttentionOptions,
  type AttentionRecord,
} from "./nn/attention.ts";
export { embedding } from "./nn/embedding.ts";
export { withLinearRule, linear, type LinearSite, type LinearRule, type LinearOptions } from "./nn/linear.ts";
export { l1Loss, mseLoss, crossEntropy } from "./nn/losses.ts";
export { maskedMean, resizeAreaLike } from "./nn/masked-mean.ts";
export { layerNorm, rmsNorm, groupNorm } from "./nn/normalise.ts";
export { patchEmbed } from "./nn/patch-embed.ts";
export { resizeImage, resizeMask, resizeWeights, type ResizeKernel, type ResizeOptions } from "./nn/resize.ts";
export { rotaryTables, applyRotary, type RotaryTables } from "./nn/rope.ts";
export { sum } from "./nn/sum.ts";

// Policies: contracts, plugins, recipes, composition
export {
  POLICY_INPUT,
  POINT_LABEL,
  TARGET_WORDS,
  VOLATILE_INPUTS,
  PolicyInputs,
  type PolicyShape,
  type PromptTensors,
} from "./policy/inputs.ts";
export {
  type PluginBase,
  type VisionFeatures,
  type VisionEncoderPlugin,
  type ProjectorPlugin,
  type PixelEncoderPlugin,
  type PromptEncoderPlugin,
  type TextInsert,
  type PrefixInput,
  type AttentionRule,
  type SuffixSegment,
  type BackboneCache,
  type BackbonePass,
  type Backbone,
  type TokenizerSpec,
  type BackbonePlugin,
  type SpecialTokens,
  type DecoderContext,
  type DecoderTraining,
  type ActionDecoderPlugin,
  type AuxiliaryContext,
  type AuxiliaryPlugin,
  type PolicyPlugin,
  type PolicyPluginKind,
} from "./policy/contracts.ts";
export {
  defineVisionEncoder,
  defineProjector,
  definePixelEncoder,
  definePromptEncoder,
  defineBackbone,
  defineActionDecoder,
  defineAuxiliary,
} from "./policy/define.ts";
export { createRegistry, type PluginRegistry } from "./policy/registry.ts";
export { incompatible, invalidConfig } from "./policy/errors.ts";
export {
  pluginReference,
  quantiseSchema,
  type QuantiseOptions,
  loraSchema,
  tokenizerSchema,
  recipeSchema,
  parseRecipe,
  parseConfig,
  recipeJsonSchema,
  type Recipe,
  type RecipeInput,
  type PluginReference,
  type LoraOptions,
} from "./policy/recipe.ts";
export { composePolicy, type AuxiliaryTask, type ComposeOptions, type ComposedPolicy } from "./policy/compose.ts";
export { loraRule } from "./policy/lora.ts";
export { quantiseRule } from "./policy/quantise.ts";

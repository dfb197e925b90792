export type {
  CompileOptions,
  Engine,
  Executable,
  Feeds,
  Outputs,
  ProviderName,
  ProviderReport,
  RunOptions,
} from "./engine.ts";
export { tfjsEngine, type TfjsOptions } from "./tfjs/tfjs-engine.ts";
export type { TfjsProvider } from "./tfjs/backends.ts";
export {
  openOnnxFile,
  type FileTensor,
  type OnnxFile,
  type OnnxFileOptions,
  type OnnxSignature,
  type OnnxValue,
} from "./onnxruntime/onnx-file.ts";
export { ONNXRUNTIME_VERSION } from "./onnxruntime/version.ts";
export { onnxruntimeEngine, type OnnxruntimeOptions } from "./onnxruntime/onnxruntime-engine.ts";
export type {
  AdamWConfig,
  OptimizerConfig,
  ParameterGroup,
  ScheduleConfig,
  SgdConfig,
} from "./optimizer/optimizer-config.ts";
export { scheduleFactor } from "./optimizer/schedule.ts";
export type { FlatSlot } from "./optimizer/flat-layout.ts";
export { gradientOutput, trainOutputs, trainProgram } from "./train/train-program.ts";
export { TrainSession, type TrainSessionOptions } from "./train/train-session.ts";
export type { StateTensor, TrainState } from "./train/train-state.ts";
export type { StepReport } from "./train/train-messages.ts";
export { readFileWeights } from "./train/read-file-weights.ts";

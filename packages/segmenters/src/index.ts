export {
  defineObjectDetector,
  defineSegmenter,
  defineTracker,
  type Detection,
  type DetectOptions,
  type FrameSource,
  type ImageFeatures,
  type MaskCandidate,
  type ModelIdentity,
  type ObjectDetector,
  type ObjectDetectorPlugin,
  type OpenContext,
  type SegmentPrompt,
  type Segmenter,
  type SegmenterPlugin,
  type TrackedFrame,
  type TrackedObject,
  type Tracker,
  type TrackerPlugin,
  type TrackSession,
  type VisionPlugin,
} from "./contracts.ts";

// Registry: the models of this package and lookups by kind and name
export { builtinSegmenters } from "./builtin-segmenters.ts";
export { createVisionRegistry, type VisionRegistry } from "./registry.ts";

// Model folders
export { bindModel, openModelFolder, readModelJson, type ModelFolder } from "./model-folder.ts";

// Plain ONNX
export { exportModel, type ExportOptions } from "./export/export-model.ts";
export { type ExportedModel } from "./export/plain-onnx.ts";

// Pictures: pre- and post-processing shared by the models
export {
  boxFromFrame,
  fromFrame,
  longestSideFrame,
  shortestSideFrame,
  squashFrame,
  toFrame,
  type ImageFrame,
} from "./image/frame.ts";
export { IMAGENET_NORMALISATION, pixelValues, type Normalisation } from "./image/pixel-values.ts";
export { cropPlane, resizeAndCrop, resizeAndThreshold, resizePlane, type FloatPlane } from "./image/resize-plane.ts";
export { resizeRgb, type ResizeFlavour, type ResizeRgbOptions } from "./image/resize-rgb.ts";
export { checkPicture, MAX_PICTURE_PIXELS } from "./picture.ts";

// Embedded default
export { colourShape, colourTracker, grabcut } from "./embedded/plugins.ts";

// SAM
export { SAM_VARIANTS, samConfigSchema, type SamConfig } from "./sam/config.ts";
export { samDecoderProgram, samEncoderProgram, samNames } from "./sam/programs.ts";
export { exportSam } from "./sam/export.ts";
export { openSamFolder, sam } from "./sam/sam.ts";
export { type SamFeatures } from "./sam/sam-segmenter.ts";

// SAM 2.1
export { type Sam2Config } from "./sam2/config.ts";
export { type Sam2Features } from "./sam2/model.ts";
export { parseSam2Config } from "./sam2/parse-config.ts";
export { sam2 } from "./sam2/segmenter.ts";
export { sam2Video } from "./sam2/video/tracker.ts";

// Grounding DINO
export { groundingDinoConfig, type GroundingDinoConfig } from "./grounding-dino/config.ts";
export { openGroundingDino, type GroundingDinoModel } from "./grounding-dino/model.ts";
export { groundingDinoNames } from "./grounding-dino/names.ts";
export { groundingDino } from "./grounding-dino/plugin.ts";
export {
  detectProgram as groundingDinoDetectProgram,
  imageProgram as groundingDinoImageProgram,
  textProgram as groundingDinoTextProgram,
} from "./grounding-dino/programs.ts";

// ONNX files of others
export { onnxDetector, onnxSegmenter } from "./onnx-files/plugins.ts";
export { onnxTracker } from "./onnx-files/tracker-plugin.ts";

export type {
  CameraInfo,
  Damage,
  Dataset,
  DatasetFormat,
  DatasetInfo,
  EncodedImage,
  Episode,
  EpisodeSummary,
  OpenDatasetOptions,
  RgbImage,
} from "./episode.ts";
export { openDataset } from "./open.ts";
export {
  gripperCloses,
  type GripperClose,
  type GripperCloseOptions,
  type GripperSignals,
} from "./standardise/gripper-close.ts";

// Masks: encodings and measures
export {
  MAX_MASK_PIXELS,
  MAX_MASK_SIDE_PX,
  maskArea,
  maskBox,
  maskIou,
  type BinaryMask,
  type PixelBox,
} from "./masks/mask.ts";
export {
  compressRuns,
  decodeCocoRle,
  encodeCocoRle,
  maskFromRuns,
  parseCocoRle,
  runsArea,
  runsBox,
  runsFromCoco,
  runsFromMask,
  runsIou,
  type CocoRle,
  type CompressedRle,
  type Runs,
} from "./masks/coco-rle.ts";
export { maskFromPolygons, polygonsFromMask, type Ring } from "./masks/polygons.ts";
export { decodeIndexedPng, decodeMaskPng, encodeIndexedPng, encodeMaskPng, type IndexedMask } from "./masks/png.ts";
export { decodeCvatMask, encodeCvatMask, type CvatMask } from "./masks/cvat-rle.ts";
export { decodeBrush, encodeBrush } from "./masks/label-studio-rle.ts";

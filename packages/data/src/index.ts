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

export { checkDataset, type CheckOptions } from "./doctor/check.ts";
export type { CheckReport, CheckResult, Verdict } from "./doctor/report.ts";
export { decodeImage, encodeImage } from "./images/decode.ts";
export { resizeRgb, type ResizeFlavour, type ResizeKernel, type ResizeRgbOptions } from "./images/resize-rgb.ts";
export { binariseGripper, invertClippedGripper, relativeToAbsoluteGripper } from "./standardise/gripper.ts";
export {
  computeStatistics,
  type ColumnStatistics,
  type DatasetStatistics,
  type StatisticsOptions,
} from "./statistics/dataset-statistics.ts";
export { readStatistics, writeStatistics } from "./statistics/statistics-file.ts";
export { actionChunk, denormalise, normalise, type Normalisation } from "./statistics/normalise.ts";
export {
  createMixture,
  mixtureStateSchema,
  type MixtureOptions,
  type MixtureSample,
  type MixtureSampler,
  type MixtureSource,
  type MixtureState,
} from "./mixture/mixture-sampler.ts";

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

// Pixel datasets: annotations, writers, sidecars, reviews, queries
export {
  ANNOTATION_ORIGINS,
  frameAnnotation,
  NO_QUALITY,
  REVIEW_DECISIONS,
  summariseAnnotations,
  type AnnotationOrigin,
  type AnnotationQuality,
  type AnnotationSummary,
  type EpisodeAnnotations,
  type FrameAnnotation,
  type LinePrompt,
  type PointPrompt,
  type ReviewDecision,
} from "./pixel-dataset/annotation.ts";
export { ANNOTATION_COLUMNS, annotationFromRow, annotationToRow } from "./pixel-dataset/annotation-columns.ts";
export { ANNOTATION_SCHEMA } from "./pixel-dataset/annotation-schema.ts";
export {
  AnnotationReader,
  EDITS_FOLDER,
  openAnnotations,
  type StoredAnnotations,
} from "./pixel-dataset/annotation-reader.ts";
export { CODEBASE_VERSION, type ImageStorage, type PixelLayout } from "./pixel-dataset/layout.ts";
export { layoutFor, type PixelEpisode } from "./pixel-dataset/pixel-episode.ts";
export { PixelDatasetWriter, type CommitReport, type WriterOptions } from "./pixel-dataset/pixel-dataset-writer.ts";
export { type PixelDatasetState } from "./pixel-dataset/dataset-info.ts";
export { ReviewLog, type Review, type ReviewEvent } from "./pixel-dataset/review-log.ts";
export {
  sidecarDataset,
  sidecarPath,
  SidecarWriter,
  type SidecarDataset,
  type SidecarEpisode,
} from "./pixel-dataset/sidecar-writer.ts";
export {
  EpisodeIndex,
  type EpisodeQuery,
  type FrameStatistics,
  type IndexedEpisode,
  type IndexStatistics,
} from "./queries/episode-index.ts";

// Pixel datasets: conversion and reading; exchange with annotation tools; downloads
export {
  convertDataset,
  episodeKey,
  type ConvertOptions,
  type ConvertReport,
} from "./pixel-dataset/convert-dataset.ts";
export { openPixelDataset } from "./pixel-dataset/pixel-dataset-reader.ts";
export {
  exportAnnotations,
  INTERCHANGE_FORMATS,
  type ExportOptions,
  type ExportReport,
  type InterchangeFormat,
} from "./interchange/export-annotations.ts";
export {
  importAnnotations,
  readInterchange,
  type ImportOptions,
  type ImportReport,
} from "./interchange/import-annotations.ts";
export {
  frameFileName,
  frameOfFileName,
  type ImageAnnotations,
  type ImageObject,
} from "./interchange/image-annotations.ts";
export { pullDataset } from "./pull/pull-dataset.ts";
export { type PullOptions, type PullReport } from "./pull/pull-files.ts";
export { pullModel, type PullModelOptions, type PullModelReport } from "./pull/pull-model.ts";
export { modelsFolder, resolveModel } from "./pull/models-folder.ts";
export { KNOWN_MODELS, type KnownModel } from "./pull/known-models.ts";
export { KNOWN_DATASETS, parseSource } from "./pull/sources.ts";

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

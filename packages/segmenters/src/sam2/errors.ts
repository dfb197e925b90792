import { pixelVlaError, type PixelVlaError } from "@pixelvla/core";

/** A `config.json` that is no SAM 2 model's, or asks for something no public checkpoint has. */
export function unsupportedConfig(source: string, found: string): PixelVlaError {
  return pixelVlaError(
    "PVLA_SAM2_CONFIG",
    {
      doing: `Reading SAM 2's configuration from ${source}`,
      found,
      needed: "the configuration of a transformers Sam2Model or Sam2VideoModel",
      fix: "Use the config.json that lies beside the weights",
    },
    { source },
  );
}

/** A checkpoint of the image model where video memory is needed. */
export function noVideoMemory(source: string): PixelVlaError {
  return pixelVlaError(
    "PVLA_SAM2_NO_MEMORY",
    {
      doing: `Opening ${source} as a video tracker`,
      found: "an image model without memory attention",
      needed: `a checkpoint with model_type "sam2_video"`,
      fix: "Use one of facebook/sam2.1-hiera-tiny, -small, -base-plus, -large",
    },
    { source },
  );
}

/** A frame that the video does not have. */
export function noSuchFrame(frameIndex: number, nFrames: number): PixelVlaError {
  return pixelVlaError(
    "PVLA_TRACK_FRAME",
    {
      doing: "Tracking with SAM 2",
      found: `frame ${frameIndex}`,
      needed: nFrames === 0 ? "a video with at least one frame" : `a whole number from 0 to ${nFrames - 1}`,
      fix: "Check the frame index and the video",
    },
    { frameIndex, nFrames },
  );
}

/** Frames of one video differ in size. */
export function frameSizeChanged(frameIndex: number, found: string, needed: string): PixelVlaError {
  return pixelVlaError(
    "PVLA_TRACK_FRAME_SIZE",
    {
      doing: `Tracking with SAM 2 at frame ${frameIndex}`,
      found: `a picture of ${found} px`,
      needed: `${needed} px as before`,
      fix: "Bring all frames of a video to one size",
    },
    { frameIndex },
  );
}

/** Propagation without anything to follow. */
export function nothingToTrack(): PixelVlaError {
  return pixelVlaError("PVLA_TRACK_NO_OBJECT", {
    doing: "Propagating through a video with SAM 2",
    found: "no prompted object",
    needed: "at least one",
    fix: "Call prompt() with a point, a box or a mask first",
  });
}

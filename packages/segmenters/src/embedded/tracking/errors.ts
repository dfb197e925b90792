import { pixelVlaError, type PixelVlaError } from "@pixelvla/core";

export function outsideVideo(frameIndex: number, nFrames: number): PixelVlaError {
  return pixelVlaError("PVLA_TRACK_FRAME", {
    doing: "Following objects through a video",
    found: `frame ${frameIndex}`,
    needed: nFrames === 0 ? "a video with frames" : `a whole number from 0 to ${nFrames - 1}`,
  });
}

export function noObjects(): PixelVlaError {
  return pixelVlaError("PVLA_TRACK_PROMPT", {
    doing: "Following objects through a video",
    found: "no object to follow",
    fix: "Prompt an object on some frame first",
  });
}

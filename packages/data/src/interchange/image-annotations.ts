import type { Runs } from "../masks/coco-rle.ts";
import type { PixelBox } from "../masks/mask.ts";

/** One annotated object of an image, as annotation tools see it. */
export interface ImageObject {
  readonly label: string;
  readonly mask: Runs | undefined;
  readonly box: PixelBox | undefined;
  /** Points `[x, y]` in pixels that mark the object. */
  readonly points: readonly (readonly [number, number])[];
  readonly score: number | undefined;
}

/** One image with its objects. */
export interface ImageAnnotations {
  /** Path below the image folder, "/" between names. */
  readonly fileName: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly objects: readonly ImageObject[];
}

const pad = (n: number) => String(n).padStart(6, "0");

/** File name of a frame: camera, episode, recorded frame. The camera's dots and slashes become underscores. */
export function frameFileName(camera: string, episodeIndex: number, rawFrame: number, extension: string): string {
  return `${camera.replace(/[^\w-]/g, "_")}/episode_${pad(episodeIndex)}/frame_${pad(rawFrame)}.${extension}`;
}

/** Episode and recorded frame in a name made by `frameFileName`, whatever folders a tool has put before it; or undefined. */
export function frameOfFileName(name: string): { episodeIndex: number; rawFrame: number } | undefined {
  const match = /episode_(\d{1,9})[/\\_-]+frame_(\d{1,9})\.\w+$/.exec(name);
  return match === null ? undefined : { episodeIndex: Number(match[1]), rawFrame: Number(match[2]) };
}

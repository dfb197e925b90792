/** Where pictures and files are served: relative URLs, the same in the browser and in the desktop window. */

/** Widths a thumbnail may have, in pixels; others are refused so that the cache stays small. */
export const thumbnailWidthsPx = [64, 96, 128, 192, 256, 384] as const;
export type ThumbnailWidthPx = (typeof thumbnailWidthsPx)[number];

/** Which picture. */
export interface FrameAddress {
  readonly datasetId: string;
  /** From `datasets.get`. */
  readonly revision: string;
  readonly episodeIndex: number;
  readonly frameIndex: number;
  /** Camera key. */
  readonly camera: string;
}

const part = encodeURIComponent;

function frame({ datasetId, revision, episodeIndex, frameIndex, camera }: FrameAddress, what: string): string {
  return `/media/${part(datasetId)}/${part(revision)}/${episodeIndex}/${frameIndex}/${part(camera)}/${what}`;
}

/** The picture as stored (JPEG or PNG), or encoded from video: same pixels, full size. */
export function frameUrl(address: FrameAddress): string {
  return frame(address, "image");
}

/** The picture scaled to a width, WebP. */
export function thumbnailUrl(address: FrameAddress, widthPx: ThumbnailWidthPx): string {
  return frame(address, `thumb-${widthPx}`);
}

/** The object mask of a frame as an 8-bit grey PNG, 255 on the object; 404 where the frame has none. */
export function maskUrl(address: FrameAddress): string {
  return frame(address, "mask");
}

/** The video file that holds the episode (LeRobot datasets), with byte ranges; 404 for other forms. */
export function videoUrl(address: Omit<FrameAddress, "frameIndex">): string {
  return `/media/${part(address.datasetId)}/${part(address.revision)}/${address.episodeIndex}/${part(address.camera)}/video`;
}

/** A file of a job directory by its relative path, with byte ranges. */
export function runFileUrl(runId: string, path: string): string {
  return `/files/${part(runId)}/${path.split("/").map(part).join("/")}`;
}

/** Path of the websocket that carries the procedures. */
export const rpcPath = "/rpc";

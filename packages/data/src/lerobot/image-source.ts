import { encodeImage } from "../images/decode.ts";
import { encodedImages } from "../images/encoded-source.ts";
import type { ImageSource } from "../loaded-episode.ts";
import type { VideoReader } from "../video/video-reader.ts";

/** Stored video is shown as JPEG. */
const ENCODE_AS = "jpeg";

/** Images of an episode whose cameras are videos: `fromS` plus the frame's timestamp is its place in the file. */
export function videoImages(facts: {
  open: (camera: string) => Promise<VideoReader>;
  fromS: (camera: string) => number;
  timestampS: (rawFrame: number) => number;
  fps: number;
}): ImageSource {
  const toleranceS = 0.25 / facts.fps;
  const image = async (camera: string, rawFrame: number) => {
    let reader = await facts.open(camera);
    while (reader.isClosed) reader = await facts.open(camera); // evicted while we waited for it
    return reader.frameAt(facts.fromS(camera) + facts.timestampS(rawFrame), toleranceS);
  };
  return {
    image,
    encoded: async (camera, rawFrame) => encodeImage(await image(camera, rawFrame), ENCODE_AS),
  };
}

/** Images of an episode stored inside parquet as `{ bytes, path }`; `rows` reads (and remembers) one camera's cells. */
export function parquetImages(file: string, rows: (camera: string) => Promise<ArrayLike<unknown>>): ImageSource {
  return encodedImages({ file }, async (camera, rawFrame) => {
    const cell: unknown = (await rows(camera))[rawFrame];
    if (cell instanceof Uint8Array) return cell;
    const bytes = typeof cell === "object" && cell !== null && "bytes" in cell ? cell.bytes : undefined;
    return bytes instanceof Uint8Array ? bytes : new Uint8Array(0);
  });
}

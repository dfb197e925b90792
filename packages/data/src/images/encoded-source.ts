import type { EncodedImage } from "../episode.ts";
import { badImage, type Place } from "../errors.ts";
import type { ImageSource } from "../loaded-episode.ts";
import { decodeImage, imageMime } from "./decode.ts";

/** Images that are stored as JPEG or PNG bytes. `place` is what errors name. */
export function encodedImages(
  place: Place,
  bytesOf: (camera: string, rawFrame: number) => Promise<Uint8Array>,
): ImageSource {
  const encoded = async (camera: string, rawFrame: number): Promise<EncodedImage> => {
    const bytes = await bytesOf(camera, rawFrame);
    const mime = imageMime(bytes);
    if (mime) return { mime, bytes };
    const head = Buffer.from(bytes.subarray(0, 4)).toString("hex");
    const found = bytes.length === 0 ? "no image" : `neither JPEG nor PNG (it begins ${head})`;
    throw badImage(place, { camera, frameIndex: rawFrame, found });
  };
  return {
    encoded,
    async image(camera, rawFrame) {
      const { bytes } = await encoded(camera, rawFrame);
      return decodeImage(bytes).catch((cause: unknown) => {
        const found = cause instanceof Error ? cause.message : String(cause);
        throw badImage(place, { camera, frameIndex: rawFrame, found }, cause);
      });
    },
  };
}

import { decodeImage, type BinaryMask, type Episode, type PixelBox, type PointPrompt } from "@pixelvla/data";
import sharp from "sharp";
import { drawOverlay } from "./overlay.ts";

/** What a thumbnail of an episode shows. */
export interface Preview {
  readonly frames: readonly {
    readonly frameIndex: number;
    readonly mask?: BinaryMask | undefined;
    readonly points?: readonly PointPrompt[] | undefined;
    /** The picture where it is at hand; otherwise it comes from `episode`. */
    readonly image?: { readonly bytes: Uint8Array };
  }[];
  readonly gripper?: PixelBox | undefined;
  readonly region?: PixelBox | undefined;
  readonly episode?: Pick<Episode, "image"> | undefined;
}

const HEIGHT_PX = 150;
const GAP_PX = 3;

/** Draws the frames of a preview side by side as one JPEG; undefined where there is no picture at all. */
export async function drawPreview(preview: Preview, camera: string): Promise<Uint8Array | undefined> {
  const parts: { input: Buffer; left: number; top: number }[] = [];
  let left = 0;
  for (const { frameIndex, mask, points, image: stored } of preview.frames) {
    const image =
      stored === undefined ? await preview.episode?.image(camera, frameIndex) : await decodeImage(stored.bytes);
    if (image === undefined) continue;
    const data = drawOverlay(image, { mask, points, gripper: preview.gripper, region: preview.region });
    const width = Math.max(1, Math.round((image.widthPx * HEIGHT_PX) / image.heightPx));
    const input = await sharp(data, { raw: { width: image.widthPx, height: image.heightPx, channels: 3 } })
      .resize(width, HEIGHT_PX, { kernel: image.heightPx < HEIGHT_PX ? "nearest" : "lanczos3" })
      .png({ compressionLevel: 1 })
      .toBuffer();
    parts.push({ input, left, top: 0 });
    left += width + GAP_PX;
  }
  if (parts.length === 0) return undefined;
  return sharp({ create: { width: left - GAP_PX, height: HEIGHT_PX, channels: 3, background: "#202020" } })
    .composite(parts)
    .jpeg({ quality: 78 })
    .toBuffer();
}

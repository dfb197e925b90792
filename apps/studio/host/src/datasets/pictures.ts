import { PixelVlaError } from "@pixelvla/core";
import sharp from "sharp";
import { ByteCache } from "../byte-cache.ts";
import { Limiter } from "../limiter.ts";
import type { TaggedBytes } from "../net/send.ts";
import type { OpenedDataset } from "./open-dataset.ts";

const THUMBNAIL_CACHE_BYTES = 64 << 20;
/** libvips has threads of its own; more than this only fills memory. */
const PARALLEL_THUMBNAILS = 4;
const MAX_PIXELS = 8192 * 8192;

/** Which picture of an open dataset. */
export interface PictureAddress {
  readonly episodeIndex: number;
  readonly frameIndex: number;
  readonly camera: string;
}

/** Frames and thumbnails of open datasets. */
export class Pictures {
  readonly #thumbnails = new ByteCache<TaggedBytes>(THUMBNAIL_CACHE_BYTES);
  readonly #making = new Limiter(PARALLEL_THUMBNAILS);

  /** The picture as stored; undefined where there is none of that address. */
  async frame(
    dataset: OpenedDataset,
    { episodeIndex, frameIndex, camera }: PictureAddress,
  ): Promise<TaggedBytes | undefined> {
    try {
      const episode = await dataset.episode(episodeIndex);
      return await episode.encodedImage(camera, frameIndex);
    } catch (error) {
      if (error instanceof PixelVlaError && NOT_THERE.has(error.code)) return undefined;
      throw error;
    }
  }

  /** The object mask; undefined where the frame has none. */
  async mask(dataset: OpenedDataset, address: PictureAddress): Promise<TaggedBytes | undefined> {
    if (dataset.annotations === undefined || (await this.frame(dataset, address)) === undefined) return undefined;
    return dataset.annotations.mask(await dataset.episode(address.episodeIndex), address.frameIndex, address.camera);
  }

  /** The picture scaled to `widthPx`, WebP. */
  async thumbnail(dataset: OpenedDataset, address: PictureAddress, widthPx: number): Promise<TaggedBytes | undefined> {
    const { episodeIndex, frameIndex, camera } = address;
    const key = `${dataset.place.datasetId}/${dataset.revision}/${episodeIndex}/${frameIndex}/${camera}/${widthPx}`;
    const known = this.#thumbnails.get(key);
    if (known !== undefined) return known;
    const full = await this.frame(dataset, address);
    if (full === undefined) return undefined;
    const bytes = await this.#making.run(() =>
      sharp(full.bytes, { limitInputPixels: MAX_PIXELS })
        .resize({ width: widthPx, kernel: "lanczos3" })
        .webp({ quality: 80, effort: 1 })
        .toBuffer(),
    );
    const thumbnail = { mime: "image/webp", bytes };
    this.#thumbnails.set(key, thumbnail, bytes.byteLength);
    return thumbnail;
  }
}

const NOT_THERE: ReadonlySet<string> = new Set(["PVLA_DATA_EPISODE", "PVLA_DATA_FRAME", "PVLA_DATA_CAMERA"]);

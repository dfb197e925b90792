import { createHash } from "node:crypto";
import { decodeImage, encodeImage, type RgbImage } from "@pixelvla/data";
import type { PictureChoice } from "@pixelvla/studio-contract";
import type { DatasetCatalog } from "../datasets/catalog.ts";
import { effectorPath } from "../datasets/episode-detail.ts";
import { unknownPicture } from "../errors.ts";

/** Bytes of dropped pictures that are kept. */
const KEPT_BYTES = 256 << 20;

/** A picture and what is recorded with it. */
export interface ShownPicture {
  /** Names the pixels: equal keys, equal pixels. */
  readonly key: string;
  readonly image: RgbImage;
  /** Frames of a dataset only. */
  readonly frame?: {
    readonly instruction: string;
    readonly state: Float32Array;
    /** `[n, A]` from this frame to the end of the episode. */
    readonly actions: Float32Array;
    readonly actionNames: readonly string[];
    readonly position: readonly [number, number, number] | undefined;
  };
}

/** Pictures of the Playground: frames of datasets, and pictures that were dropped, of which the last ones are kept in memory. */
export class ShownPictures {
  readonly #datasets: DatasetCatalog;
  readonly #dropped = new Map<string, RgbImage>();

  constructor(datasets: DatasetCatalog) {
    this.#datasets = datasets;
  }

  /** @throws PVLA_DATA_IMAGE for what is no picture */
  async add(base64: string): Promise<{ pictureId: string; widthPx: number; heightPx: number }> {
    const bytes = Buffer.from(base64, "base64");
    const image = await decodeImage(bytes);
    const pictureId = createHash("sha256").update(bytes).digest("hex");
    this.#dropped.delete(pictureId);
    this.#dropped.set(pictureId, image);
    let total = 0;
    for (const kept of this.#dropped.values()) total += kept.data.byteLength;
    for (const [oldest, kept] of this.#dropped) {
      if (total <= KEPT_BYTES || oldest === pictureId) break;
      total -= kept.data.byteLength;
      this.#dropped.delete(oldest);
    }
    return { pictureId, widthPx: image.widthPx, heightPx: image.heightPx };
  }

  /** Whether a dropped picture is still kept. */
  has(pictureId: string): boolean {
    return this.#dropped.has(pictureId);
  }

  /** A dropped picture as PNG, base64. @throws PVLA_STUDIO_PICTURE */
  async pngOf(pictureId: string): Promise<string> {
    const { image } = await this.get({ kind: "dropped", pictureId });
    return Buffer.from((await encodeImage(image, "png")).bytes).toString("base64");
  }

  /** @throws PVLA_STUDIO_UNKNOWN, PVLA_STUDIO_PICTURE, PVLA_DATA_EPISODE, PVLA_DATA_FRAME, PVLA_DATA_CAMERA */
  async get(choice: PictureChoice): Promise<ShownPicture> {
    if (choice.kind === "dropped") {
      const image = this.#dropped.get(choice.pictureId);
      if (image === undefined) throw unknownPicture();
      return { key: choice.pictureId, image };
    }
    const { datasetId, episodeIndex, frameIndex, camera } = choice;
    const dataset = await this.#datasets.open(datasetId);
    const { info } = dataset.reader;
    const episode = await dataset.episode(episodeIndex);
    const image = await episode.image(camera, frameIndex);
    const { nFrames, state, action, task } = episode;
    const [stateWidth, actionWidth] = [state.length / nFrames, action.length / nFrames];
    const path = effectorPath(episode, info);
    const [x = 0, y = 0, z = 0] = path.position.slice(3 * frameIndex, 3 * frameIndex + 3);
    return {
      key: `${datasetId}/${dataset.revision}/${episodeIndex}/${frameIndex}/${camera}`,
      image,
      frame: {
        instruction: task,
        state: state.slice(frameIndex * stateWidth, (frameIndex + 1) * stateWidth),
        actions: action.slice(frameIndex * actionWidth),
        actionNames: info.actionNames,
        position: path.source === "state" ? [x, y, z] : undefined,
      },
    };
  }
}

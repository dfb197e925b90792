import type { Damage, Dataset, DatasetInfo } from "../episode.ts";
import { AnnotationReader } from "./annotation-reader.ts";
import type { EpisodeAnnotations } from "./annotation.ts";
import { nothingThere } from "./errors.ts";
import type { ImageStorage } from "./layout.ts";
import { layoutFor } from "./pixel-episode.ts";
import { PixelDatasetWriter, type WriterOptions } from "./pixel-dataset-writer.ts";

/** How to convert. */
export interface ConvertOptions extends WriterOptions {
  /** Default `"stored"`: the encoded images as they are, without loss. */
  readonly images?: ImageStorage | undefined;
  /** Cameras to take; default all. */
  readonly cameras?: readonly string[] | undefined;
  /** Sidecar or pixel dataset whose annotations go into the columns. */
  readonly annotations?: string | undefined;
  /** Episodes at listing positions `start` to `end` (half-open), to share the work between machines. */
  readonly start?: number | undefined;
  readonly end?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number, nFrames: number) => void) | undefined;
}

/** What a conversion did. */
export interface ConvertReport {
  readonly root: string;
  readonly nAdded: number;
  /** Episodes that were there already: from an earlier, interrupted run or another writer. */
  readonly nSkipped: number;
  readonly nFrames: number;
  readonly nAnnotated: number;
  readonly damage: readonly Damage[];
}

/**
 * Converts an open dataset to a pixel dataset at `root`. Interrupted at any moment, the same call goes on where it
 * stopped; several processes may convert into one `root` at once.
 *
 * @throws PVLA_PIXELS_* and what the reader throws (unless it was opened with `onDamage: "skip"`)
 */
export async function convertDataset(
  dataset: Dataset,
  root: string,
  options: ConvertOptions = {},
): Promise<ConvertReport> {
  const indices = dataset.episodeIndices.subarray(options.start ?? 0, options.end);
  const cameras = dataset.info.cameras.map(({ key }) => key).filter((key) => options.cameras?.includes(key) ?? true);
  const writer = await openWriter(dataset, indices, cameras, root, options);
  const reader = options.annotations === undefined ? undefined : await AnnotationReader.open(options.annotations);
  let [nAdded, nSkipped, nFrames, nAnnotated] = [0, 0, 0, 0];
  try {
    for (const [done, episodeIndex] of indices.entries()) {
      options.signal?.throwIfAborted();
      const key = episodeKey(dataset.info, episodeIndex);
      const episode = writer.has(key) ? undefined : await dataset.tryEpisode(episodeIndex);
      if (episode === undefined) {
        if (writer.has(key)) nSkipped++;
      } else {
        const annotations = await annotationsOf(reader, episodeIndex, episode.rawFrameIndex);
        if (await writer.add({ key, episode, annotations })) nAdded++;
        nFrames += episode.nFrames;
        nAnnotated += annotations?.filter((annotation) => annotation !== undefined).length ?? 0;
      }
      options.onProgress?.(done + 1, indices.length, nFrames);
    }
    const { duplicates } = await writer.close();
    nAdded -= duplicates.length;
    nSkipped += duplicates.length;
  } finally {
    await writer.abort();
    await reader?.close();
  }
  return { root, nAdded, nSkipped, nFrames, nAnnotated, damage: dataset.damage };
}

/** Identity of an episode across runs and machines. */
export const episodeKey = ({ name, version }: DatasetInfo, episodeIndex: number): string =>
  `${name}/${version}/${episodeIndex}`;

async function openWriter(
  dataset: Dataset,
  indices: Int32Array,
  cameras: readonly string[],
  root: string,
  options: ConvertOptions,
): Promise<PixelDatasetWriter> {
  // The first readable episode tells the widths; metadata may be wrong about image sizes.
  for (const episodeIndex of indices) {
    const first = await dataset.tryEpisode(episodeIndex);
    if (first === undefined) continue;
    const sizes = await Promise.all(
      cameras.map(async (key) => {
        const { widthPx, heightPx } = await first.image(key, 0);
        return { key, widthPx, heightPx };
      }),
    );
    const n = first.nFrames;
    const layout = layoutFor(
      { ...dataset.info, cameras: sizes },
      {
        images: options.images ?? "stored",
        rawActionSize: first.rawAction.length / n,
        actionSize: first.action.length / n,
        stateSize: first.state.length / n,
      },
    );
    return PixelDatasetWriter.open(root, layout, options);
  }
  throw nothingThere(
    `Converting ${dataset.info.name}`,
    "no episode that can be read",
    "Check the dataset (pixelvla data check)",
  );
}

async function annotationsOf(
  reader: AnnotationReader | undefined,
  episodeIndex: number,
  rawFrameIndex: Int32Array,
): Promise<EpisodeAnnotations | undefined> {
  const stored = await reader?.episode(episodeIndex);
  if (stored === undefined) return undefined;
  const byFrame = new Map(Array.from(stored.rawFrameIndex, (raw, i) => [raw, stored.annotations[i]]));
  return Array.from(rawFrameIndex, (raw) => byFrame.get(raw));
}

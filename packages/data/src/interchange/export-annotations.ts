import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { CameraInfo, Dataset } from "../episode.ts";
import { maskFromRuns, runsBox, runsFromCoco } from "../masks/coco-rle.ts";
import { encodeMaskPng } from "../masks/png.ts";
import { replaceDurably } from "../pixel-dataset/durable-files.ts";
import type { FrameAnnotation } from "../pixel-dataset/annotation.ts";
import type { AnnotationReader } from "../pixel-dataset/annotation-reader.ts";
import { toCoco } from "./coco.ts";
import { toCvat } from "./cvat.ts";
import { frameFileName, type ImageAnnotations } from "./image-annotations.ts";
import { labelStudioInterface, toLabelStudio } from "./label-studio.ts";

/** Forms annotations can be exported to and imported from. */
export const INTERCHANGE_FORMATS = ["coco", "cvat", "label-studio", "masks"] as const;
export type InterchangeFormat = (typeof INTERCHANGE_FORMATS)[number];

/** What to export. */
export interface ExportOptions {
  readonly format: InterchangeFormat;
  /** Folder to write to; made if needed. */
  readonly out: string;
  /** Episodes to take; default all that are annotated. */
  readonly episodes?: readonly number[] | undefined;
  /** Take every n-th annotated frame of an episode; default 1. */
  readonly every?: number | undefined;
  /** Dataset the frames' pictures are taken from; without it only annotations are written. */
  readonly images?: Dataset | undefined;
  /** Label Studio: what it puts before file names. Default `/data/local-files/?d=images/`. */
  readonly imageRoot?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** What was exported. */
export interface ExportReport {
  readonly format: InterchangeFormat;
  readonly out: string;
  readonly files: readonly string[];
  readonly nEpisodes: number;
  readonly nImages: number;
  readonly nMasks: number;
}

/** Exports annotations, and the frames they belong to, for another tool. @throws PVLA_PIXELS_WRITE and what the readers throw */
export async function exportAnnotations(reader: AnnotationReader, options: ExportOptions): Promise<ExportReport> {
  const { format, out, every = 1, signal } = options;
  const episodes = options.episodes ?? (await annotatedEpisodes(reader));
  const images: ImageAnnotations[] = [];
  let nMasks = 0;
  await mkdir(out, { recursive: true });
  for (const [done, episodeIndex] of episodes.entries()) {
    signal?.throwIfAborted();
    const stored = await reader.episode(episodeIndex);
    const episode =
      stored === undefined || options.images === undefined ? undefined : await options.images.episode(episodeIndex);
    const frameOf = new Map(Array.from(episode?.rawFrameIndex ?? [], (raw, t) => [raw, t]));
    let nSeen = 0;
    for (const [t, annotation] of (stored?.annotations ?? []).entries()) {
      if (annotation === undefined || nSeen++ % every !== 0) continue;
      const rawFrame = stored!.rawFrameIndex[t]!;
      const frame = frameOf.get(rawFrame);
      let extension = "jpg";
      if (episode !== undefined && frame !== undefined) {
        const image = await episode.encodedImage(annotation.camera, frame);
        extension = image.mime === "image/png" ? "png" : "jpg";
        await writeBelow(
          join(out, "images", frameFileName(annotation.camera, episodeIndex, rawFrame, extension)),
          image.bytes,
        );
      }
      if (annotation.mask !== undefined) nMasks++;
      const camera = options.images?.info.cameras.find(({ key }) => key === annotation.camera);
      const image = imageOf(annotation, frameFileName(annotation.camera, episodeIndex, rawFrame, extension), camera);
      const mask = image.objects[0]?.mask;
      if (format === "masks" && mask !== undefined)
        await writeBelow(
          join(out, "masks", frameFileName(annotation.camera, episodeIndex, rawFrame, "png")),
          encodeMaskPng(maskFromRuns(mask)),
        );
      images.push(image);
    }
    options.onProgress?.(done + 1, episodes.length);
  }
  const files = await writeFiles(format, out, images, options);
  return { format, out, files, nEpisodes: episodes.length, nImages: images.length, nMasks };
}

async function writeFiles(
  format: InterchangeFormat,
  out: string,
  images: readonly ImageAnnotations[],
  options: ExportOptions,
): Promise<string[]> {
  const files: Record<string, string> = {};
  if (format === "coco")
    files["annotations.json"] = JSON.stringify(toCoco(images, `Exported by PixelVLA Studio from ${basename(out)}`));
  if (format === "cvat") files["annotations.xml"] = toCvat(images);
  if (format === "label-studio") {
    const labels = [...new Set(images.flatMap(({ objects }) => objects.map(({ label }) => label)))].sort();
    files["tasks.json"] = JSON.stringify(
      toLabelStudio(images, options.imageRoot ?? "/data/local-files/?d=images/", "pixelvla"),
    );
    files["interface.xml"] = labelStudioInterface(labels);
  }
  if (format === "masks")
    files["labels.json"] = JSON.stringify(
      images.map(({ fileName, widthPx, heightPx, objects }) => ({
        file: fileName.replace(/\w+$/, "png"),
        widthPx,
        heightPx,
        label: objects[0]?.label ?? "",
        hasMask: objects[0]?.mask !== undefined,
      })),
    );
  for (const [name, content] of Object.entries(files)) await replaceDurably(join(out, name), content);
  return Object.keys(files);
}

function imageOf(annotation: FrameAnnotation, fileName: string, camera: CameraInfo | undefined): ImageAnnotations {
  const mask = annotation.mask === undefined ? undefined : runsFromCoco(annotation.mask, fileName);
  const box = annotation.box ?? (mask === undefined ? undefined : runsBox(mask));
  // Without a mask or a camera the image size is unknown; the box bounds it from below.
  const size = mask ??
    camera ?? {
      widthPx: Math.ceil(Math.max(1, box?.x1 ?? 1)),
      heightPx: Math.ceil(Math.max(1, box?.y1 ?? 1)),
    };
  const points = annotation.points.filter(({ isObject }) => isObject).map(({ x, y }) => [x, y] as const);
  return {
    fileName,
    widthPx: size.widthPx,
    heightPx: size.heightPx,
    objects:
      mask === undefined && box === undefined
        ? []
        : [{ label: annotation.phrase, mask, box, points, score: annotation.score }],
  };
}

async function annotatedEpisodes(reader: AnnotationReader): Promise<number[]> {
  const { total } = await reader.index.episodes({ pageSize: 1 });
  const { rows } = await reader.index.episodes({ sort: "episode", pageSize: Math.max(1, total) });
  return rows.filter(({ nAnnotated }) => nAnnotated > 0).map(({ episodeIndex }) => episodeIndex);
}

async function writeBelow(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}

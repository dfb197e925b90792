import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Dataset } from "../episode.ts";
import { compressRuns, runsArea, runsBox, runsFromMask } from "../masks/coco-rle.ts";
import { decodeMaskPng } from "../masks/png.ts";
import { frameAnnotation, type FrameAnnotation } from "../pixel-dataset/annotation.ts";
import type { SidecarWriter } from "../pixel-dataset/sidecar-writer.ts";
import { fromCoco } from "./coco.ts";
import { fromCvat } from "./cvat.ts";
import { badInterchange, unknownFrame } from "./errors.ts";
import type { InterchangeFormat } from "./export-annotations.ts";
import { frameOfFileName, type ImageAnnotations, type ImageObject } from "./image-annotations.ts";
import { fromLabelStudio } from "./label-studio.ts";

/** Where imported annotations go and how they are marked. */
export interface ImportOptions {
  readonly format: InterchangeFormat;
  /** The other tool's file, or for `masks` the folder of PNG files. */
  readonly file: string;
  /** Name of this import: the same name imports an episode once. */
  readonly run: string;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** What was imported. */
export interface ImportReport {
  readonly nImages: number;
  readonly nEpisodes: number;
  /** Episodes this run had imported before. */
  readonly nSkipped: number;
  /** Images with several objects, of which the best-scored (then largest) was taken. */
  readonly nWithSeveralObjects: number;
  readonly nWithoutObject: number;
}

/** Reads another tool's annotations. @throws PVLA_INTERCHANGE_READ, PVLA_MASK_DECODE */
export async function readInterchange(format: InterchangeFormat, file: string): Promise<ImageAnnotations[]> {
  if (format === "masks") return readMaskFolder(file);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw badInterchange(file, `it cannot be read (${(cause as Error).message})`, undefined, cause);
  }
  if (format === "cvat") return fromCvat(text, file);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw badInterchange(file, `no JSON (${(cause as Error).message})`, undefined, cause);
  }
  return format === "coco" ? fromCoco(json, file) : fromLabelStudio(json, file);
}

/**
 * Imports annotations made elsewhere into a sidecar, as corrected by a person. Images are matched by the names
 * `exportAnnotations` gave them.
 *
 * @throws PVLA_INTERCHANGE_FRAME for a name that matches no frame
 */
export async function importAnnotations(
  dataset: Dataset,
  sidecar: SidecarWriter,
  options: ImportOptions,
): Promise<ImportReport> {
  const { format, file, run } = options;
  const images = await readInterchange(format, file);
  const known = new Set(dataset.episodeIndices);
  const byEpisode = new Map<number, { rawFrame: number; image: ImageAnnotations }[]>();
  for (const image of images) {
    const frame = frameOfFileName(image.fileName);
    if (frame === undefined) throw unknownFrame(file, image.fileName, "whose name tells no episode and frame");
    if (!known.has(frame.episodeIndex))
      throw unknownFrame(file, image.fileName, `but the dataset has no episode ${frame.episodeIndex}`);
    const list = byEpisode.get(frame.episodeIndex) ?? [];
    byEpisode.set(frame.episodeIndex, list);
    list.push({ rawFrame: frame.rawFrame, image });
  }
  const camera = dataset.info.primaryCamera ?? dataset.info.cameras[0]?.key ?? "";
  let [nSkipped, nWithSeveralObjects, nWithoutObject, done] = [0, 0, 0, 0];
  for (const [episodeIndex, frames] of byEpisode) {
    const episode = await dataset.episode(episodeIndex);
    const inEpisode = new Set(episode.rawFrameIndex);
    frames.sort((a, b) => a.rawFrame - b.rawFrame);
    for (const [i, { rawFrame, image }] of frames.entries()) {
      if (!inEpisode.has(rawFrame))
        throw unknownFrame(file, image.fileName, `but episode ${episodeIndex} has no recorded frame ${rawFrame}`);
      if (i > 0 && frames[i - 1]!.rawFrame === rawFrame)
        throw unknownFrame(file, image.fileName, "which is there twice");
      if (image.objects.length > 1) nWithSeveralObjects++;
      if (image.objects.length === 0) nWithoutObject++;
    }
    const added = await sidecar.add({
      episodeIndex,
      split: episode.split,
      task: episode.task,
      rawFrameIndex: Int32Array.from(frames, ({ rawFrame }) => rawFrame),
      annotations: frames.map(({ image }) => toAnnotation(image, camera, format)),
      run,
    });
    if (!added) nSkipped++;
    options.onProgress?.(++done, byEpisode.size);
  }
  await sidecar.commit();
  return { nImages: images.length, nEpisodes: byEpisode.size, nSkipped, nWithSeveralObjects, nWithoutObject };
}

function toAnnotation({ objects }: ImageAnnotations, camera: string, format: InterchangeFormat): FrameAnnotation {
  const area = ({ mask }: ImageObject) => (mask === undefined ? 0 : runsArea(mask));
  const [best] = [...objects].sort((a, b) => (b.score ?? 0) - (a.score ?? 0) || area(b) - area(a));
  const mask = best?.mask === undefined || runsArea(best.mask) === 0 ? undefined : best.mask;
  return frameAnnotation({
    camera,
    phrase: best?.label ?? "",
    mask: mask === undefined ? undefined : compressRuns(mask),
    box: best?.box ?? (mask === undefined ? undefined : runsBox(mask)),
    points: (best?.points ?? []).map(([x, y]) => ({ x, y, isObject: true })),
    score: Math.min(1, Math.max(0, best?.score ?? (best === undefined ? 0 : 1))),
    model: `import ${format}`,
    modelVersion: "1",
    review: "corrected",
    origin: "manual",
  });
}

async function readMaskFolder(folder: string): Promise<ImageAnnotations[]> {
  let names: string[];
  let labels: Map<string, string>;
  try {
    names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".png")).sort();
    labels = await readLabels(folder);
  } catch (cause) {
    throw badInterchange(folder, `it cannot be read (${(cause as Error).message})`, undefined, cause);
  }
  if (names.length === 0) throw badInterchange(folder, "no PNG files");
  return Promise.all(
    names.map(async (name): Promise<ImageAnnotations> => {
      const path = join(folder, name);
      const runs = runsFromMask(decodeMaskPng(await readFile(path), path));
      const fileName = name.replaceAll("\\", "/");
      const label = labels.get(fileName.replace(/^masks\//, "")) ?? "";
      const objects =
        runsArea(runs) === 0 ? [] : [{ label, mask: runs, box: runsBox(runs), points: [], score: undefined }];
      return { fileName, widthPx: runs.widthPx, heightPx: runs.heightPx, objects };
    }),
  );
}

/** `labels.json` beside or above the masks, as the export writes it; without one the masks have no names. */
async function readLabels(folder: string): Promise<Map<string, string>> {
  for (const path of [
    join(folder, "labels.json"),
    ...(basename(folder) === "masks" ? [join(folder, "..", "labels.json")] : []),
  ]) {
    const text = await readFile(path, "utf8").catch(() => undefined);
    if (text !== undefined)
      return new Map((JSON.parse(text) as { file: string; label: string }[]).map(({ file, label }) => [file, label]));
  }
  return new Map();
}

import { decodeCocoRle, openAnnotations, openDataset, type FrameAnnotation } from "@pixelvla/data";
import { captionOf } from "./preview-store.ts";
import { contactSheet } from "./contact-sheet.ts";
import { drawPreview } from "./preview.ts";

/** Which episodes a sheet shows. */
export interface DatasetSheetOptions {
  /** Dataset folder; frames come from here. */
  readonly dataset: string;
  /** Sidecar or pixel dataset; default: the dataset's own annotations. */
  readonly annotations?: string | undefined;
  readonly nEpisodes: number;
  /** Default `"doubt"`: the doubted most first. */
  readonly sort?: "doubt" | "episode" | undefined;
  /** Reader options, as of the annotation job. */
  readonly reading?:
    { readonly split?: string | undefined; readonly bridgeFrames?: "openvla" | "octo" | undefined } | undefined;
}

/** A contact sheet of annotated episodes drawn from what is stored: first, middle and last frames with a mask. JPEG. */
export async function datasetSheet(options: DatasetSheetOptions): Promise<{ jpeg: Uint8Array; nEpisodes: number }> {
  const { split, bridgeFrames } = options.reading ?? {};
  const dataset = await openDataset(options.dataset, {
    onDamage: "skip",
    ...(split !== undefined && { split }),
    ...(bridgeFrames !== undefined && { bridgeFrames }),
  });
  const reader = await openAnnotations(options.annotations ?? dataset.info.root);
  try {
    const { rows } = await reader.index.episodes({ sort: options.sort ?? "doubt", pageSize: options.nEpisodes });
    const cells = [];
    for (const row of rows) {
      const episode = await dataset.tryEpisode(row.episodeIndex);
      const stored = await reader.episode(row.episodeIndex);
      if (episode === undefined || stored === undefined) continue;
      const byRaw = new Map(Array.from(stored.rawFrameIndex, (raw, i) => [raw, stored.annotations[i]]));
      const annotated = Array.from(episode.rawFrameIndex).flatMap((raw, frameIndex) => {
        const annotation = byRaw.get(raw);
        return annotation?.mask === undefined ? [] : [{ frameIndex, annotation }];
      });
      const shown = evenly(annotated, 4);
      const [first] = shown;
      if (first === undefined) continue;
      const { camera, gripperBox, region, phrase } = first.annotation;
      const frames = shown.map(({ frameIndex, annotation }) => ({
        frameIndex,
        mask: maskOf(annotation, row.episodeIndex),
        points: annotation.points,
      }));
      const jpeg = await drawPreview({ frames, gripper: gripperBox, region, episode }, camera);
      const { episodeIndex, task, split: part, doubt, doubtReason } = row;
      const caption = captionOf({ position: 0, episodeIndex, task, split: part, phrase, doubt, doubtReason });
      if (jpeg !== undefined) cells.push({ episodeIndex, task, caption, jpeg });
    }
    return { jpeg: await contactSheet(cells), nEpisodes: cells.length };
  } finally {
    await reader.close();
    await dataset.close();
  }
}

const maskOf = ({ mask }: FrameAnnotation, episodeIndex: number) =>
  mask === undefined ? undefined : decodeCocoRle(mask, `episode ${episodeIndex}`);

/** Up to `n` items, evenly spaced, first and last among them. */
function evenly<T>(items: readonly T[], n: number): T[] {
  if (items.length <= n) return [...items];
  return Array.from({ length: n }, (_, i) => items[Math.round((i * (items.length - 1)) / (n - 1))]!);
}

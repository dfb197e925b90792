import type { Episode, FrameAnnotation, PixelBox, StoredAnnotations } from "@pixelvla/data";
import type { ItemFrame, ReviewItem } from "@pixelvla/studio-contract";
import type { AnnotationStore } from "./store.ts";

/** Everything a reviewer sees of one episode. @throws PVLA_STUDIO_STORE, and what reading dataset and annotations throws */
export async function reviewItem(store: AnnotationStore, episodeIndex: number): Promise<ReviewItem> {
  const [dataset, stored] = await Promise.all([store.dataset(), store.annotations(episodeIndex)]);
  const [episode, { row, history }] = await Promise.all([dataset.episode(episodeIndex), store.outcome(episodeIndex)]);
  const { info } = dataset.reader;
  const annotated = annotatedFrames(stored, episode);
  const first = annotated[0]?.annotation;
  const camera = first?.camera ?? info.primaryCamera ?? "";
  const sizeOf = info.cameras.find(({ key }) => key === camera);
  const masked = annotated.find(({ annotation }) => annotation.mask !== undefined)?.annotation.mask;
  return {
    row,
    datasetId: dataset.place.datasetId,
    revision: dataset.revision,
    camera,
    widthPx: masked?.size[1] ?? sizeOf?.widthPx ?? 0,
    heightPx: masked?.size[0] ?? sizeOf?.heightPx ?? 0,
    nFrames: episode.nFrames,
    keyFrameIndex: keyFrame(annotated),
    model: first?.model ?? "",
    modelVersion: first?.modelVersion ?? "",
    frames: annotated.map(({ frameIndex, annotation }) => itemFrame(frameIndex, annotation)),
    history,
  };
}

/** A frame that has an annotation. */
export interface AnnotatedFrame {
  readonly frameIndex: number;
  readonly annotation: FrameAnnotation;
}

/** Annotated frames by their index in the episode; annotations are keyed by recorded frames. */
export function annotatedFrames(
  { annotations, rawFrameIndex }: StoredAnnotations,
  episode: Pick<Episode, "rawFrameIndex">,
): AnnotatedFrame[] {
  const byRaw = new Map(Array.from(rawFrameIndex, (raw, i) => [raw, annotations[i]]));
  return Array.from(episode.rawFrameIndex).flatMap((raw, frameIndex) => {
    const annotation = byRaw.get(raw);
    return annotation === undefined ? [] : [{ frameIndex, annotation }];
  });
}

/** The frame in which the object was found (or fixed last by a person), else the surest with a mask, else the first. */
function keyFrame(frames: readonly AnnotatedFrame[]): number {
  const masked = frames.filter(({ annotation }) => annotation.mask !== undefined);
  const found =
    masked.find(({ annotation }) => annotation.origin === "manual") ??
    masked.find(({ annotation }) => annotation.origin === "detected");
  const surest = masked.reduce<AnnotatedFrame | undefined>(
    (best, frame) => (frame.annotation.score > (best?.annotation.score ?? -1) ? frame : best),
    undefined,
  );
  return (found ?? surest ?? frames[0])?.frameIndex ?? 0;
}

function itemFrame(frameIndex: number, annotation: FrameAnnotation): ItemFrame {
  const { mask, box, points, lines, gripperBox, region, origin, score, detectorScore, maskScore, quality } = annotation;
  return {
    frameIndex,
    mask: mask === undefined ? undefined : { size: [mask.size[0], mask.size[1]], counts: mask.counts },
    box: corners(box),
    points,
    lines,
    gripperBox: corners(gripperBox),
    region: corners(region),
    origin,
    score,
    detectorScore,
    maskScore,
    quality,
  };
}

const corners = (box: PixelBox | undefined) =>
  box === undefined ? undefined : ([box.x0, box.y0, box.x1, box.y1] as const);

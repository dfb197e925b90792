import { z } from "zod";
import {
  compressRuns,
  runsArea,
  runsBox,
  runsFromCoco,
  runsFromMask,
  type CocoRle,
  type Runs,
} from "../masks/coco-rle.ts";
import { checkMaskSize, type PixelBox } from "../masks/mask.ts";
import { maskFromPolygons } from "../masks/polygons.ts";
import { badInterchange } from "./errors.ts";
import type { ImageAnnotations, ImageObject } from "./image-annotations.ts";

const ID = z.union([z.number(), z.string()]);
const COCO = z.looseObject({
  images: z.array(z.looseObject({ id: ID, file_name: z.string(), width: z.int(), height: z.int() })),
  categories: z.array(z.looseObject({ id: ID, name: z.string() })).default([]),
  annotations: z.array(
    z.looseObject({
      image_id: ID,
      category_id: ID.optional(),
      bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]).or(z.tuple([])).optional(),
      segmentation: z.unknown().optional(),
      score: z.number().optional(),
    }),
  ),
});

/** Images -> a COCO instances file. Masks are compressed RLE with `iscrowd` 0, boxes `[x, y, width, height]`. */
export function toCoco(images: Iterable<ImageAnnotations>, description: string): object {
  const categories = new Map<string, number>();
  const cocoImages: object[] = [];
  const annotations: object[] = [];
  for (const { fileName, widthPx, heightPx, objects } of images) {
    const imageId = cocoImages.length + 1;
    cocoImages.push({ id: imageId, file_name: fileName, width: widthPx, height: heightPx });
    for (const { label, mask, box, score } of objects) {
      if (!categories.has(label)) categories.set(label, categories.size + 1);
      const around = box ?? (mask === undefined ? undefined : runsBox(mask));
      annotations.push({
        id: annotations.length + 1,
        image_id: imageId,
        category_id: categories.get(label),
        segmentation: mask === undefined ? [] : compressRuns(mask),
        area: mask === undefined ? areaOf(around) : runsArea(mask),
        bbox: around === undefined ? [] : [around.x0, around.y0, around.x1 - around.x0, around.y1 - around.y0],
        iscrowd: 0,
        ...(score === undefined ? {} : { score }),
      });
    }
  }
  return {
    info: { description },
    licenses: [],
    images: cocoImages,
    categories: [...categories].map(([name, id]) => ({ id, name, supercategory: "" })),
    annotations,
  };
}

/** A COCO instances file -> images. Polygons, compressed and plain run lengths are read. @throws PVLA_INTERCHANGE_READ, PVLA_MASK_DECODE */
export function fromCoco(json: unknown, file: string): ImageAnnotations[] {
  const parsed = COCO.safeParse(json);
  if (!parsed.success)
    throw badInterchange(
      file,
      `no COCO file (${z.prettifyError(parsed.error).split("\n").slice(0, 2).join(" ").trim()})`,
    );
  const { images, categories, annotations } = parsed.data;
  const names = new Map(categories.map(({ id, name }) => [id, name]));
  const objects = new Map<string | number, ImageObject[]>();
  const sizes = new Map(images.map(({ id, width, height }) => [id, { widthPx: width, heightPx: height }]));
  for (const [i, annotation] of annotations.entries()) {
    const where = `${file}, annotation ${i}`;
    const size = sizes.get(annotation.image_id);
    if (size === undefined)
      throw badInterchange(
        file,
        `annotation ${i} of the image ${JSON.stringify(annotation.image_id)}, which is not listed`,
      );
    checkMaskSize(`an image of ${file}`, size.heightPx, size.widthPx);
    const list = objects.get(annotation.image_id) ?? [];
    objects.set(annotation.image_id, list);
    list.push({
      label: annotation.category_id === undefined ? "" : (names.get(annotation.category_id) ?? ""),
      mask: readSegmentation(annotation.segmentation, size, where),
      box: readBox(annotation.bbox),
      points: [],
      score: annotation.score,
    });
  }
  return images.map(({ id, file_name, width, height }) => ({
    fileName: file_name,
    widthPx: width,
    heightPx: height,
    objects: objects.get(id) ?? [],
  }));
}

function readSegmentation(
  segmentation: unknown,
  size: { heightPx: number; widthPx: number },
  where: string,
): Runs | undefined {
  if (segmentation === undefined || segmentation === null) return undefined;
  if (Array.isArray(segmentation)) {
    if (segmentation.length === 0) return undefined;
    if (!segmentation.every((ring) => Array.isArray(ring) && ring.every((value) => typeof value === "number")))
      throw badInterchange(where, "a segmentation list", "rings of numbers");
    return runsFromMask(maskFromPolygons(segmentation, size));
  }
  const runs = runsFromCoco(segmentation as CocoRle, where);
  if (runs.heightPx !== size.heightPx || runs.widthPx !== size.widthPx)
    throw badInterchange(
      where,
      `a mask of ${runs.widthPx}x${runs.heightPx} pixels`,
      `the image's ${size.widthPx}x${size.heightPx}`,
    );
  return runs;
}

function readBox(bbox: readonly number[] | undefined): PixelBox | undefined {
  const [x, y, width, height] = bbox ?? [];
  if (x === undefined || y === undefined || width === undefined || height === undefined || width <= 0 || height <= 0)
    return undefined;
  return { x0: x, y0: y, x1: x + width, y1: y + height };
}

const areaOf = (box: PixelBox | undefined) => (box === undefined ? 0 : (box.x1 - box.x0) * (box.y1 - box.y0));

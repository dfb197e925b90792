import { z } from "zod";
import { maskFromRuns, runsFromMask, type Runs } from "../masks/coco-rle.ts";
import { decodeBrush, encodeBrush } from "../masks/label-studio-rle.ts";
import { checkMaskSize, type PixelBox } from "../masks/mask.ts";
import { maskFromPolygons } from "../masks/polygons.ts";
import { badInterchange } from "./errors.ts";
import type { ImageAnnotations, ImageObject } from "./image-annotations.ts";

const VALUE = z.looseObject({
  format: z.string().optional(),
  rle: z.array(z.number()).optional(),
  points: z.array(z.tuple([z.number(), z.number()])).optional(),
  x: z.number().optional(),
  y: z.number().optional(),
  width: z.number().optional(),
  height: z.number().optional(),
  brushlabels: z.array(z.string()).optional(),
  polygonlabels: z.array(z.string()).optional(),
  rectanglelabels: z.array(z.string()).optional(),
  keypointlabels: z.array(z.string()).optional(),
});
const RESULT = z.looseObject({
  type: z.string(),
  original_width: z.int().optional(),
  original_height: z.int().optional(),
  value: VALUE,
});
const COMPLETION = z.looseObject({
  result: z.array(RESULT),
  was_cancelled: z.boolean().optional(),
  score: z.number().nullish(),
});
const TASKS = z.array(
  z.looseObject({
    data: z.looseObject({}),
    annotations: z.array(COMPLETION).optional(),
    predictions: z.array(COMPLETION).optional(),
  }),
);

/**
 * Images -> Label Studio tasks. Our annotations become predictions: the reviewer starts from them. `imageRoot` is what
 * Label Studio puts before file names, e.g. `/data/local-files/?d=`.
 */
export function toLabelStudio(images: Iterable<ImageAnnotations>, imageRoot: string, modelVersion: string): object[] {
  return Array.from(images, ({ fileName, widthPx, heightPx, objects }) => ({
    data: { image: imageRoot + fileName, file_name: fileName },
    predictions: [
      {
        model_version: modelVersion,
        ...(objects[0]?.score === undefined ? {} : { score: objects[0].score }),
        result: objects.flatMap((object, i) => objectResults(object, i, widthPx, heightPx)),
      },
    ],
  }));
}

function objectResults(
  { label, mask, box, points }: ImageObject,
  i: number,
  widthPx: number,
  heightPx: number,
): object[] {
  const shared = { to_name: "image", original_width: widthPx, original_height: heightPx, image_rotation: 0 };
  const results: object[] = [];
  if (mask !== undefined)
    results.push({
      ...shared,
      id: `mask-${i}`,
      from_name: "brush",
      type: "brushlabels",
      value: { format: "rle", rle: encodeBrush(maskFromRuns(mask)), brushlabels: [label] },
    });
  if (box !== undefined) {
    const percent = {
      x: (100 * box.x0) / widthPx,
      y: (100 * box.y0) / heightPx,
      width: (100 * (box.x1 - box.x0)) / widthPx,
      height: (100 * (box.y1 - box.y0)) / heightPx,
    };
    results.push({
      ...shared,
      id: `box-${i}`,
      from_name: "box",
      type: "rectanglelabels",
      value: { ...percent, rotation: 0, rectanglelabels: [label] },
    });
  }
  for (const [j, [x, y]] of points.entries())
    results.push({
      ...shared,
      id: `point-${i}-${j}`,
      from_name: "point",
      type: "keypointlabels",
      value: { x: (100 * x) / widthPx, y: (100 * y) / heightPx, width: 0.5, keypointlabels: [label] },
    });
  return results;
}

/** Labelling interface to paste into a Label Studio project that shows what `toLabelStudio` writes. */
export function labelStudioInterface(labels: readonly string[]): string {
  const list = labels
    .map(
      (label) =>
        `    <Label value="${label.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;")}"/>`,
    )
    .join("\n");
  const control = (tag: string, name: string) => `  <${tag} name="${name}" toName="image">\n${list}\n  </${tag}>`;
  return `<View>\n  <Image name="image" value="$image"/>\n${control("BrushLabels", "brush")}\n${control("RectangleLabels", "box")}\n${control("KeyPointLabels", "point")}\n</View>\n`;
}

/**
 * Label Studio's JSON export -> images. The newest annotation of a task that was not cancelled counts, without one its
 * newest prediction. Brush masks, polygons, boxes and key points of one label join into one object.
 *
 * @throws PVLA_INTERCHANGE_READ, PVLA_MASK_DECODE
 */
export function fromLabelStudio(json: unknown, file: string): ImageAnnotations[] {
  const parsed = TASKS.safeParse(json);
  if (!parsed.success)
    throw badInterchange(
      file,
      `no Label Studio export (${z.prettifyError(parsed.error).split("\n").slice(0, 2).join(" ").trim()})`,
    );
  return parsed.data.flatMap((task, i): ImageAnnotations[] => {
    const where = `${file}, task ${i}`;
    const name = task.data["file_name"] ?? task.data["image"];
    if (typeof name !== "string") throw badInterchange(file, `task ${i} without data.image`);
    const completion =
      task.annotations?.filter(({ was_cancelled }) => was_cancelled !== true).at(-1) ?? task.predictions?.at(-1);
    const sized = completion?.result.find(
      ({ original_width, original_height }) => original_width !== undefined && original_height !== undefined,
    );
    if (completion === undefined || sized === undefined) return [];
    const size = { widthPx: sized.original_width!, heightPx: sized.original_height! };
    checkMaskSize(where, size.heightPx, size.widthPx);
    const objects = new Map<
      string,
      { mask: Uint8Array | undefined; box: PixelBox | undefined; points: [number, number][] }
    >();
    for (const { type, value } of completion.result) {
      const label =
        (value.brushlabels ?? value.polygonlabels ?? value.rectanglelabels ?? value.keypointlabels)?.[0] ?? "";
      const object = objects.get(label) ?? { mask: undefined, box: undefined, points: [] };
      objects.set(label, object);
      const toX = (percent: number) => (percent * size.widthPx) / 100;
      const toY = (percent: number) => (percent * size.heightPx) / 100;
      const { x, y, width, height } = value;
      if (type === "brushlabels" || type === "brush")
        object.mask = join(object.mask, decodeBrush(value.rle ?? [], size, where).data);
      else if (type.startsWith("polygon") && value.points !== undefined)
        object.mask = join(
          object.mask,
          maskFromPolygons([value.points.flatMap(([px, py]) => [toX(px), toY(py)])], size).data,
        );
      else if (
        x !== undefined &&
        y !== undefined &&
        type.startsWith("rectangle") &&
        width !== undefined &&
        height !== undefined
      )
        object.box = { x0: toX(x), y0: toY(y), x1: toX(x + width), y1: toY(y + height) };
      else if (x !== undefined && y !== undefined && type.startsWith("keypoint")) object.points.push([toX(x), toY(y)]);
    }
    const score = completion.score ?? undefined;
    return [
      {
        fileName: name,
        ...size,
        objects: Array.from(objects, ([label, { mask, box, points }]) => ({
          label,
          mask: mask === undefined ? undefined : toRuns(mask, size),
          box,
          points,
          score,
        })),
      },
    ];
  });
}

const toRuns = (data: Uint8Array, size: { widthPx: number; heightPx: number }): Runs => runsFromMask({ ...size, data });

const join = (a: Uint8Array | undefined, b: Uint8Array): Uint8Array =>
  a === undefined ? b : a.map((value, i) => value | b[i]!);

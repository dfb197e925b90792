import { maskFromRuns, runsFromMask } from "../masks/coco-rle.ts";
import { decodeCvatMask, encodeCvatMask } from "../masks/cvat-rle.ts";
import { checkMaskSize } from "../masks/mask.ts";
import { maskFromPolygons } from "../masks/polygons.ts";
import { badInterchange } from "./errors.ts";
import type { ImageAnnotations, ImageObject } from "./image-annotations.ts";
import { xmlEscape, xmlTags, type XmlTag } from "./xml.ts";

/** Images -> CVAT for images 1.1 (XML). */
export function toCvat(images: Iterable<ImageAnnotations>): string {
  const parts: string[] = [];
  const labels = new Set<string>();
  let id = 0;
  for (const { fileName, widthPx, heightPx, objects } of images) {
    parts.push(`  <image id="${id++}" name="${xmlEscape(fileName)}" width="${widthPx}" height="${heightPx}">`);
    for (const { label, mask, box, points } of objects) {
      labels.add(label);
      const shared = `label="${xmlEscape(label)}" source="auto" occluded="0" z_order="0"`;
      const cvat = mask === undefined ? undefined : encodeCvatMask(maskFromRuns(mask));
      if (cvat !== undefined)
        parts.push(
          `    <mask ${shared} rle="${cvat.rle.join(", ")}" left="${cvat.left}" top="${cvat.top}" width="${cvat.width}" height="${cvat.height}"></mask>`,
        );
      if (box !== undefined)
        parts.push(`    <box ${shared} xtl="${box.x0}" ytl="${box.y0}" xbr="${box.x1}" ybr="${box.y1}"></box>`);
      if (points.length > 0)
        parts.push(`    <points ${shared} points="${points.map(([x, y]) => `${x},${y}`).join(";")}"></points>`);
    }
    parts.push("  </image>");
  }
  const labelXml = [...labels].map(
    (label) => `        <label><name>${xmlEscape(label)}</name><attributes></attributes></label>`,
  );
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    "<annotations>",
    "  <version>1.1</version>",
    "  <meta>",
    "    <job>",
    "      <labels>",
    ...labelXml,
    "      </labels>",
    "    </job>",
    "  </meta>",
    ...parts,
    "</annotations>",
    "",
  ].join("\n");
}

/** CVAT for images 1.1 -> images. Masks, polygons, boxes and points are read; other shapes are refused. @throws PVLA_INTERCHANGE_READ, PVLA_MASK_DECODE */
export function fromCvat(xml: string, file: string): ImageAnnotations[] {
  const images: (ImageAnnotations & { objects: ImageObject[] })[] = [];
  let isCvat = false;
  for (const tag of xmlTags(xml)) {
    if (tag.kind === "close") continue;
    if (tag.name === "annotations") isCvat = true;
    if (tag.name === "track") throw badInterchange(file, "a CVAT file for video (tracks)", '"CVAT for images 1.1"');
    if (tag.name === "image") images.push(readImage(tag, file));
    const image = images.at(-1);
    if (image !== undefined && tag.attributes["label"] !== undefined)
      image.objects.push(readShape(tag, image, `${file}, image "${image.fileName}"`));
  }
  if (!isCvat) throw badInterchange(file, "no <annotations> element", "a CVAT for images 1.1 file");
  return images.map((image) => ({ ...image, objects: joinShapes(image.objects) }));
}

function readImage({ attributes, position }: XmlTag, file: string): ImageAnnotations & { objects: ImageObject[] } {
  const [widthPx, heightPx] = [Number(attributes["width"]), Number(attributes["height"])];
  checkMaskSize(`the image at character ${position} of ${file}`, heightPx, widthPx);
  return { fileName: attributes["name"] ?? "", widthPx, heightPx, objects: [] };
}

function readShape(
  { name, attributes }: XmlTag,
  size: { widthPx: number; heightPx: number },
  where: string,
): ImageObject {
  const number = (key: string) => {
    const value = Number(attributes[key] ?? NaN);
    if (!Number.isFinite(value))
      throw badInterchange(where, `${key}="${attributes[key] ?? ""}" of a <${name}>`, "a number");
    return value;
  };
  const pairs = () =>
    (attributes["points"] ?? "").split(";").map((pair): [number, number] => {
      const [x = NaN, y = NaN] = pair.split(",").map(Number);
      if (!Number.isFinite(x) || !Number.isFinite(y)) throw badInterchange(where, `the point "${pair}"`, "x,y");
      return [x, y];
    });
  const empty = { label: attributes["label"] ?? "", mask: undefined, box: undefined, points: [], score: undefined };
  if (name === "mask") {
    const rle = (attributes["rle"] ?? "").split(",").map((count) => (count.trim() === "" ? NaN : Number(count)));
    const mask = decodeCvatMask(
      { rle, left: number("left"), top: number("top"), width: number("width"), height: number("height") },
      size,
      where,
    );
    return { ...empty, mask: runsFromMask(mask) };
  }
  if (name === "polygon") return { ...empty, mask: runsFromMask(maskFromPolygons([pairs().flat()], size)) };
  if (name === "box")
    return { ...empty, box: { x0: number("xtl"), y0: number("ytl"), x1: number("xbr"), y1: number("ybr") } };
  if (name === "points") return { ...empty, points: pairs() };
  throw badInterchange(where, `a <${name}>`, "masks, polygons, boxes or points");
}

/** Shapes of one label become one object: CVAT draws an object's mask, box and points as shapes of their own. */
function joinShapes(shapes: readonly ImageObject[]): ImageObject[] {
  const joined: ImageObject[] = [];
  for (const shape of shapes) {
    const i = joined.findIndex(
      ({ label, mask, box }) =>
        label === shape.label &&
        (mask === undefined || shape.mask === undefined) &&
        (box === undefined || shape.box === undefined),
    );
    if (i < 0) joined.push(shape);
    else {
      const before = joined[i]!;
      joined[i] = {
        ...before,
        mask: before.mask ?? shape.mask,
        box: before.box ?? shape.box,
        points: [...before.points, ...shape.points],
      };
    }
  }
  return joined;
}

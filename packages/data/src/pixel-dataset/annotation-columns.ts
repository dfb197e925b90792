import { parseCocoRle, runsArea, runsFromCoco, type CompressedRle } from "../masks/coco-rle.ts";
import type { PixelBox } from "../masks/mask.ts";
import {
  ANNOTATION_ORIGINS,
  REVIEW_DECISIONS,
  type AnnotationOrigin,
  type FrameAnnotation,
  type LinePrompt,
  type PointPrompt,
  type ReviewDecision,
} from "./annotation.ts";
import { damagedStore } from "./errors.ts";
import type { Column } from "./columns.ts";

const BOX_NAMES = ["x0", "y0", "x1", "y1"];

/**
 * The annotation columns, schema version 2. Names start with "annotation." so that no training code takes them for a
 * camera, a state or an action; masks are strings, which every LeRobot tool carries along untouched.
 */
export const ANNOTATION_COLUMNS: readonly Column[] = [
  { name: "annotation.camera", dtype: "string", shape: [1] },
  { name: "annotation.target.phrase", dtype: "string", shape: [1] },
  { name: "annotation.target.valid", dtype: "bool", shape: [1] },
  { name: "annotation.target.mask_rle", dtype: "string", shape: [1] },
  { name: "annotation.target.area", dtype: "int64", shape: [1] },
  { name: "annotation.target.box", dtype: "float32", shape: [4], names: BOX_NAMES },
  { name: "annotation.target.points", dtype: "string", shape: [1] },
  { name: "annotation.target.lines", dtype: "string", shape: [1] },
  { name: "annotation.target.score", dtype: "float32", shape: [1] },
  { name: "annotation.target.detector_score", dtype: "float32", shape: [1] },
  { name: "annotation.target.mask_score", dtype: "float32", shape: [1] },
  { name: "annotation.gripper.box", dtype: "float32", shape: [4], names: BOX_NAMES },
  { name: "annotation.gripper.score", dtype: "float32", shape: [1] },
  { name: "annotation.region.box", dtype: "float32", shape: [4], names: BOX_NAMES },
  { name: "annotation.model", dtype: "string", shape: [1] },
  { name: "annotation.model_version", dtype: "string", shape: [1] },
  { name: "annotation.review", dtype: "string", shape: [1] },
  { name: "annotation.origin", dtype: "string", shape: [1] },
  { name: "annotation.quality.agreement", dtype: "float32", shape: [1] },
  { name: "annotation.quality.fragmentation", dtype: "float32", shape: [1] },
  { name: "annotation.quality.gripper_distance", dtype: "float32", shape: [1] },
  { name: "annotation.quality.stability", dtype: "float32", shape: [1] },
  { name: "annotation.quality.phrase_match", dtype: "float32", shape: [1] },
  { name: "annotation.doubt", dtype: "float32", shape: [1] },
  { name: "annotation.doubt_reason", dtype: "string", shape: [1] },
];

/** One row of annotation columns; the values of `toRow`. */
export type AnnotationRow = Readonly<Record<string, unknown>>;

const UNKNOWN_SCORE = -1;
const NO_BOX: readonly number[] = [0, 0, 0, 0];

/**
 * Annotation -> row. What is absent becomes an empty string, a box of zeros or the score -1, because LeRobot's loaders
 * turn columns into tensors and cannot hold nulls. A frame without annotation has an empty `annotation.model`.
 *
 * @throws PVLA_MASK_DECODE for a mask that does not decode
 */
export function annotationToRow(annotation: FrameAnnotation | undefined): AnnotationRow {
  const a = annotation;
  const area = a?.mask === undefined ? 0 : runsArea(runsFromCoco(a.mask));
  return {
    "annotation.camera": a?.camera ?? "",
    "annotation.target.phrase": a?.phrase ?? "",
    "annotation.target.valid": area > 0,
    "annotation.target.mask_rle":
      a?.mask === undefined ? "" : JSON.stringify({ size: a.mask.size, counts: a.mask.counts }),
    "annotation.target.area": BigInt(area),
    "annotation.target.box": boxToRow(a?.box),
    "annotation.target.points":
      a === undefined || a.points.length === 0
        ? ""
        : JSON.stringify(a.points.map(({ x, y, isObject }) => [x, y, isObject ? 1 : 0])),
    "annotation.target.lines": a === undefined || a.lines.length === 0 ? "" : JSON.stringify(a.lines),
    "annotation.target.score": a?.score ?? UNKNOWN_SCORE,
    "annotation.target.detector_score": a?.detectorScore ?? UNKNOWN_SCORE,
    "annotation.target.mask_score": a?.maskScore ?? UNKNOWN_SCORE,
    "annotation.gripper.box": boxToRow(a?.gripperBox),
    "annotation.gripper.score": a?.gripperScore ?? UNKNOWN_SCORE,
    "annotation.region.box": boxToRow(a?.region),
    "annotation.model": a?.model ?? "",
    "annotation.model_version": a?.modelVersion ?? "",
    "annotation.review": a === undefined ? "" : a.review,
    "annotation.origin": a?.origin ?? "",
    "annotation.quality.agreement": a?.quality.agreement ?? UNKNOWN_SCORE,
    "annotation.quality.fragmentation": a?.quality.fragmentation ?? UNKNOWN_SCORE,
    "annotation.quality.gripper_distance": a?.quality.gripperDistance ?? UNKNOWN_SCORE,
    "annotation.quality.stability": a?.quality.stability ?? UNKNOWN_SCORE,
    "annotation.quality.phrase_match": a?.quality.phraseMatch ?? UNKNOWN_SCORE,
    "annotation.doubt": a?.quality.doubt ?? UNKNOWN_SCORE,
    "annotation.doubt_reason": a?.quality.doubtReason ?? "",
  };
}

/** Row -> annotation; undefined for a frame that has none. `where` names file and row. @throws PVLA_PIXELS_DAMAGED, PVLA_MASK_DECODE */
export function annotationFromRow(row: AnnotationRow, where: string): FrameAnnotation | undefined {
  const text = (name: string): string => {
    const value = row[name];
    if (typeof value !== "string")
      throw damagedStore(where, `column "${name}" holds ${describe(value)} where text belongs`);
    return value;
  };
  const number = (name: string): number => {
    const value = row[name];
    if (typeof value !== "number")
      throw damagedStore(where, `column "${name}" holds ${describe(value)} where a number belongs`);
    return value;
  };
  const score = (name: string) => (number(name) === UNKNOWN_SCORE ? undefined : number(name));
  const box = (name: string) => boxFromRow(row[name], name, where);
  if (text("annotation.model") === "") return undefined;
  const mask = text("annotation.target.mask_rle");
  const review = text("annotation.review");
  if (!(REVIEW_DECISIONS as readonly string[]).includes(review))
    throw damagedStore(where, `column "annotation.review" holds "${review}", known are ${REVIEW_DECISIONS.join(", ")}`);
  const origin = text("annotation.origin");
  if (!(ANNOTATION_ORIGINS as readonly string[]).includes(origin))
    throw damagedStore(
      where,
      `column "annotation.origin" holds "${origin}", known are ${ANNOTATION_ORIGINS.join(", ")}`,
    );
  return {
    camera: text("annotation.camera"),
    phrase: text("annotation.target.phrase"),
    mask: mask === "" ? undefined : readMask(mask, where),
    box: box("annotation.target.box"),
    points: readPoints(text("annotation.target.points"), where),
    lines: readLines(text("annotation.target.lines"), where),
    score: number("annotation.target.score"),
    detectorScore: score("annotation.target.detector_score"),
    maskScore: score("annotation.target.mask_score"),
    gripperBox: box("annotation.gripper.box"),
    gripperScore: score("annotation.gripper.score"),
    region: box("annotation.region.box"),
    model: text("annotation.model"),
    modelVersion: text("annotation.model_version"),
    review: review as ReviewDecision,
    origin: origin as AnnotationOrigin,
    quality: {
      agreement: score("annotation.quality.agreement"),
      fragmentation: score("annotation.quality.fragmentation"),
      gripperDistance: score("annotation.quality.gripper_distance"),
      stability: score("annotation.quality.stability"),
      phraseMatch: score("annotation.quality.phrase_match"),
      doubt: score("annotation.doubt"),
      doubtReason: text("annotation.doubt_reason"),
    },
  };
}

function readMask(json: string, where: string): CompressedRle {
  parseCocoRle(json, where); // checks; the stored text itself is what the caller gets
  const { size, counts } = JSON.parse(json) as CompressedRle;
  return { size: [size[0], size[1]], counts };
}

function readPoints(json: string, where: string): PointPrompt[] {
  if (json === "") return [];
  const list = parseNumbers(json, 2, where);
  return (list as number[][]).map(([x = NaN, y = NaN, label]) => ({ x, y, isObject: label !== 0 }));
}

function readLines(json: string, where: string): LinePrompt[] {
  if (json === "") return [];
  return parseNumbers(json, 3, where) as [number, number][][];
}

/** Parses nested lists of finite numbers, `depth` levels deep. */
function parseNumbers(json: string, depth: number, where: string): unknown {
  const fits = (value: unknown, level: number): boolean =>
    level === 0
      ? typeof value === "number" && Number.isFinite(value)
      : Array.isArray(value) && value.every((part) => fits(part, level - 1));
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    value = undefined;
  }
  if (!fits(value, depth))
    throw damagedStore(where, `prompts ${JSON.stringify(json.slice(0, 60))}, which are no lists of numbers`);
  return value;
}

const boxToRow = (box: PixelBox | undefined) => (box === undefined ? NO_BOX : [box.x0, box.y0, box.x1, box.y1]);

function boxFromRow(value: unknown, name: string, where: string): PixelBox | undefined {
  const list = value as ArrayLike<number> | undefined | null;
  if (list?.length !== 4) throw damagedStore(where, `column "${name}" holds ${describe(value)} where 4 numbers belong`);
  const [x0, y0, x1, y1] = Array.from(list) as [number, number, number, number];
  return x1 <= x0 || y1 <= y0 ? undefined : { x0, y0, x1, y1 };
}

const describe = (value: unknown) => (value === undefined ? "nothing" : value === null ? "null" : typeof value);

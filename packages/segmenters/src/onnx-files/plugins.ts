import { maskIou, type BinaryMask, type RgbImage } from "@pixelvla/data";
import { z } from "zod";
import {
  defineObjectDetector,
  defineSegmenter,
  type Detection,
  type ImageFeatures,
  type MaskCandidate,
  type OpenContext,
  type Segmenter,
  type SegmentPrompt,
} from "../contracts.ts";
import { badPrompt } from "../errors.ts";
import { checkPicture } from "../picture.ts";
import { unknownSignature } from "./errors.ts";
import { asksFor, classNames, labelOptions } from "./labels.ts";
import { fileOptions, openModelFile, type ModelFile } from "./model-file.ts";
import { samPair } from "./sam-pair/sam-pair.ts";
import { YOLO_SEG_FORM, yoloScene, yoloSegShape, type YoloScene } from "./yolo-seg.ts";
import { YOLOX_FORM, yoloxBoxes, yoloxShape } from "./yolox.ts";

const thresholds = {
  confidence: z.number().min(0).max(1).default(0.25).describe("Least score of an instance"),
  nmsIou: z.number().min(0).max(1).default(0.5).describe("Boxes that overlap by more are one"),
};

/** A picture's instances, found once and chosen from by prompts. */
interface SceneFeatures extends ImageFeatures {
  readonly scene: YoloScene;
}

/** Segmenter from an ONNX file; the adapter is chosen by what the file takes and gives. */
export const onnxSegmenter = defineSegmenter({
  name: "onnx-segmenter",
  summary:
    "From ONNX files: FastSAM or YOLOv8-seg (all instances once, prompts choose among them), or a pair of SAM or MobileSAM",
  options: z.strictObject({
    ...fileOptions,
    decoder: z.strictObject(fileOptions).optional().describe("The second file of a SAM pair; `file` is its encoder"),
    ...thresholds,
    confidence: thresholds.confidence.default(0.03),
  }),
  async open({ file, sha256, decoder, confidence, nmsIou }, context) {
    if (decoder !== undefined) return openSamPair({ file, sha256 }, decoder, context);
    const { onnx, model, modelVersion } = await openModelFile(file, sha256, context);
    const form = yoloSegShape(onnx);
    if (form === undefined) {
      await onnx.dispose();
      throw unknownSignature(onnx.path, "a segmenter", onnx, [YOLO_SEG_FORM]);
    }
    return {
      model,
      modelVersion,
      async encode(image: RgbImage, { signal }: { signal?: AbortSignal } = {}): Promise<SceneFeatures> {
        checkPicture(image);
        const scene = await yoloScene(onnx, form, image, { confidence, nmsIou, signal });
        return { widthPx: image.widthPx, heightPx: image.heightPx, scene };
      },
      segment: (features: ImageFeatures, prompt: SegmentPrompt) =>
        Promise.resolve(choose((features as SceneFeatures).scene, prompt)),
      dispose: () => onnx.dispose(),
    };
  },
});

async function openSamPair(
  first: { readonly file: string; readonly sha256?: string | undefined },
  second: { readonly file: string; readonly sha256?: string | undefined },
  context: OpenContext,
): Promise<Segmenter> {
  const encoder = await openModelFile(first.file, first.sha256, context);
  let decoder: ModelFile | undefined;
  try {
    decoder = await openModelFile(second.file, second.sha256, context);
    return samPair(encoder, decoder);
  } catch (error) {
    await encoder.onnx.dispose();
    await decoder?.onnx.dispose();
    throw error;
  }
}

/**
 * FastSAM's prompts: a box takes the mask with the highest IoU with it, points the smallest mask that holds every positive and
 * no negative one, a mask the one with the highest IoU. An empty mask with score 0 where none does.
 */
function choose(
  { instances, mask, widthPx, heightPx }: YoloScene,
  { points = [], box, mask: rough }: SegmentPrompt,
): MaskCandidate[] {
  if (box === undefined && rough === undefined && !points.some(({ isObject }) => isObject))
    throw badPrompt("no prompt", "Give a point on the object, a box, or a mask");
  const at = ({ data }: BinaryMask, x: number, y: number) =>
    data[
      Math.min(heightPx - 1, Math.max(0, Math.floor(y))) * widthPx + Math.min(widthPx - 1, Math.max(0, Math.floor(x)))
    ] === 1;
  const target = rough ?? (box === undefined ? undefined : filledBox(box, widthPx, heightPx));
  const fitting = instances
    .map((instance) => ({ score: instance.score, mask: mask(instance) }))
    .filter((candidate) => points.every(({ x, y, isObject }) => at(candidate.mask, x, y) === isObject))
    .map(({ mask: one, score }) => ({
      mask: one,
      score,
      rank: target === undefined ? -one.data.reduce((sum, value) => sum + value, 0) : maskIou(one, target),
    }))
    .filter(({ rank }) => target === undefined || rank > 0)
    .sort((a, b) => b.rank - a.rank);
  if (fitting.length === 0)
    return [{ mask: { widthPx, heightPx, data: new Uint8Array(widthPx * heightPx) }, score: 0 }];
  return fitting.map(({ mask: one, score }) => ({ mask: one, score }));
}

function filledBox(
  { x0, y0, x1, y1 }: NonNullable<SegmentPrompt["box"]>,
  widthPx: number,
  heightPx: number,
): BinaryMask {
  const data = new Uint8Array(widthPx * heightPx);
  for (let y = Math.max(0, Math.floor(y0)); y < Math.min(heightPx, y1); y++)
    data.fill(
      1,
      y * widthPx + Math.max(0, Math.floor(x0)),
      y * widthPx + Math.max(0, Math.min(widthPx, Math.ceil(x1))),
    );
  return { widthPx, heightPx, data };
}

/** Object detector of a closed vocabulary from an ONNX file. */
export const onnxDetector = defineObjectDetector({
  name: "onnx-detector",
  summary: "YOLOX or YOLOv8-seg from an ONNX file; finds the classes it was trained on",
  options: z.strictObject({
    ...fileOptions,
    ...thresholds,
    ...labelOptions,
  }),
  async open({ file, sha256, confidence, nmsIou, labels, aliases, anyClass }, context) {
    const { onnx, model, modelVersion } = await openModelFile(file, sha256, context);
    const boxes = yoloxShape(onnx);
    const masks = yoloSegShape(onnx);
    if (boxes === undefined && masks === undefined) {
      await onnx.dispose();
      throw unknownSignature(onnx.path, "an object detector", onnx, [YOLOX_FORM, YOLO_SEG_FORM]);
    }
    const nClasses = (boxes ?? masks!).nClasses;
    const names = classNames(labels, nClasses);
    return {
      model,
      modelVersion,
      openVocabulary: false,
      labels: names,
      async detect(image, phrases, { region, threshold = confidence, signal } = {}): Promise<Detection[]> {
        checkPicture(image);
        const settings = { confidence: threshold, nmsIou, signal };
        const scene = masks && (await yoloScene(onnx, masks, image, settings));
        const found = scene?.instances ?? (await yoloxBoxes(onnx, boxes!, image, settings));
        return found
          .map((one) => ({
            box: one.box,
            score: one.score,
            label: names[one.classId]!,
            ...(scene === undefined ? {} : { mask: scene.mask(one as YoloScene["instances"][number]) }),
          }))
          .filter(({ label, box }) => {
            const [x, y] = [(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2];
            const inside = region === undefined || (x >= region.x0 && x < region.x1 && y >= region.y0 && y < region.y1);
            return inside && (anyClass || phrases.some((phrase) => asksFor(phrase, label, aliases)));
          });
      },
      dispose: () => onnx.dispose(),
    };
  },
});

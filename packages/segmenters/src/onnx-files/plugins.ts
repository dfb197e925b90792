import type { RgbImage } from "@pixelvla/data";
import { z } from "zod";
import {
  defineObjectDetector,
  defineSegmenter,
  type Detection,
  type ImageFeatures,
  type OpenContext,
  type Segmenter,
  type SegmentPrompt,
} from "../contracts.ts";
import { checkPicture } from "../picture.ts";
import { unknownSignature } from "./errors.ts";
import { asksFor, classNames, labelOptions } from "./labels.ts";
import { fileOptions, openModelFile, type ModelFile } from "./model-file.ts";
import { samPair } from "./sam-pair/sam-pair.ts";
import { choose } from "./yolo-prompts.ts";
import { YOLO_SEG_FORM, yoloScene, yoloSegShape, type YoloScene } from "./yolo-seg.ts";
import { YOLOX_FORM, yoloxBoxes, yoloxShape } from "./yolox.ts";

const thresholds = {
  confidence: z.number().min(0).max(1).default(0.25).describe("Least score of an instance"),
  nmsIou: z.number().min(0).max(1).default(0.5).describe("Boxes that overlap by more are one"),
};

/** A picture's instances, found once and chosen from by prompts; the picture for close-ups of small objects. */
interface SceneFeatures extends ImageFeatures {
  readonly image: RgbImage;
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
        return { widthPx: image.widthPx, heightPx: image.heightPx, image, scene };
      },
      segment(features: ImageFeatures, prompt: SegmentPrompt, { signal }: { signal?: AbortSignal } = {}) {
        const { image, scene } = features as SceneFeatures;
        return choose(image, scene, prompt, (part) => yoloScene(onnx, form, part, { confidence, nmsIou, signal }));
      },
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

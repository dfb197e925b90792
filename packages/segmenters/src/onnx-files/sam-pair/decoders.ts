import type { FileTensor, OnnxSignature } from "@pixelvla/engines";
import type { BinaryMask } from "@pixelvla/data";
import type { SegmentPrompt } from "../../contracts.ts";
import { toFrame, type ImageFrame } from "../../image/frame.ts";
import { fullMask, maskPromptLogits } from "../../sam/mask-logits.ts";
import { SAM_LABEL } from "../../sam/prompt-encoder.ts";
import { float32, hasInputs, inputsOf, type DecoderForm } from "./form.ts";

/** Pixels of a mask prompt enter as plus or minus this logit. */
const MASK_LOGIT = 10;
const LOW_SIDE = 256;

export const DECODER_FORMS =
  "a decoder with point_coords, point_labels, mask_input, has_mask_input, orig_im_size (segment-anything, MobileSAM), " +
  "with image_positional_embeddings, input_points, input_labels (transformers.js), or with points, labels (models export)";

/** The decoder's form by its inputs; undefined for another model. */
export function decoderForm(signature: OnnxSignature): DecoderForm | undefined {
  const original = ["image_embeddings", "point_coords", "point_labels", "mask_input", "has_mask_input", "orig_im_size"];
  if (hasInputs(signature, original)) return segmentAnything;
  const transformers = ["image_embeddings", "image_positional_embeddings", "input_points", "input_labels"];
  if (hasInputs(signature, transformers, ["input_boxes"])) return transformersJs(signature);
  if (hasInputs(signature, ["imageEmbedding", "points", "labels"])) return exported(signature);
  return undefined;
}

type Entry = readonly [x: number, y: number, label: number];

/** Points and box corners in the model's pixels; without a box a "not a point" follows, as SAM was trained. */
function entriesOf({ points = [], box }: SegmentPrompt, frame: ImageFrame): Entry[] {
  const entries: Entry[] = points.map(({ x, y, isObject }) => [
    ...toFrame(frame, x, y),
    isObject ? SAM_LABEL.positive : SAM_LABEL.negative,
  ]);
  if (box === undefined) return [...entries, [0, 0, SAM_LABEL.notAPoint]];
  return [
    ...entries,
    [...toFrame(frame, box.x0, box.y0), SAM_LABEL.boxTopLeft],
    [...toFrame(frame, box.x1, box.y1), SAM_LABEL.boxBottomRight],
  ];
}

/** The export of SAM's own repository: masks come at the picture's size. */
const segmentAnything: DecoderForm = {
  name: "segment-anything",
  feeds(prompt, frame) {
    const entries = entriesOf(prompt, frame);
    const { mask } = prompt;
    return {
      point_coords: float32([1, entries.length, 2], entries.flatMap(([x, y]) => [x, y])),
      point_labels: float32([1, entries.length], entries.map(([, , label]) => label)),
      mask_input: float32(
        [1, 1, LOW_SIDE, LOW_SIDE],
        mask === undefined ? new Float32Array(LOW_SIDE ** 2) : maskPromptLogits(mask, frame, LOW_SIDE, MASK_LOGIT),
      ),
      has_mask_input: float32([1], [mask === undefined ? 0 : 1]),
      orig_im_size: float32([2], [frame.heightPx, frame.widthPx]),
    };
  },
  answer({ masks, iou_predictions: scores }, { widthPx, heightPx }) {
    const n = widthPx * heightPx;
    return Array.from(scores!.data as Float32Array, (score, i) => {
      const logits = (masks!.data as Float32Array).subarray(i * n, (i + 1) * n);
      return { mask: { widthPx, heightPx, data: Uint8Array.from(logits, (logit) => (logit > 0 ? 1 : 0)) }, score };
    });
  },
}; // prettier-ignore

/** The split of transformers.js: three masks of 256 x 256. Some exports take boxes, others only points: then the box's middle. */
function transformersJs(signature: OnnxSignature): DecoderForm {
  const takesBoxes = inputsOf(signature).has("input_boxes");
  return {
    name: "transformers.js",
    feeds({ points = [], box }, frame) {
      const shown: Entry[] = points.map(({ x, y, isObject }) => [...toFrame(frame, x, y), isObject ? 1 : 0]);
      if (box !== undefined && !takesBoxes && !shown.some(([, , label]) => label === 1))
        shown.push([...toFrame(frame, (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2), 1]);
      const corners = box === undefined ? [] : [...toFrame(frame, box.x0, box.y0), ...toFrame(frame, box.x1, box.y1)];
      return {
        input_points: float32([1, 1, shown.length, 2], shown.flatMap(([x, y]) => [x, y])),
        input_labels: { type: "int64", data: BigInt64Array.from(shown, ([, , label]) => BigInt(label)), dims: [1, 1, shown.length] },
        ...(takesBoxes ? { input_boxes: float32([1, corners.length / 4, 4], corners) } : {}),
      };
    },
    answer: ({ pred_masks: masks, iou_scores: scores }, frame) => lowMasks(masks!, scores!, frame),
  };
} // prettier-ignore

/** What `models export` writes: a fixed number of slots, those left over marked unused. */
function exported(signature: OnnxSignature): DecoderForm {
  const slots = Number(inputsOf(signature).get("labels")!.shape[0]);
  return {
    name: "models export",
    feeds(prompt, frame) {
      const entries = entriesOf(prompt, frame).slice(0, slots);
      const free = Array.from({ length: slots - entries.length }, (): Entry => [0, 0, SAM_LABEL.unused]);
      const all = [...entries, ...free];
      return {
        points: float32([slots, 2], all.flatMap(([x, y]) => [x, y])),
        labels: float32([slots], all.map(([, , label]) => label)),
      };
    },
    answer: ({ masks, scores }, frame) => lowMasks(masks!, scores!, frame),
  };
} // prettier-ignore

/** Low-resolution logits `[..., M, S, S]` as masks of the picture. */
function lowMasks(masks: FileTensor, scores: FileTensor, frame: ImageFrame): { mask: BinaryMask; score: number }[] {
  const side = masks.dims.at(-1)!;
  return Array.from(scores.data as Float32Array, (score, i) => {
    const data = (masks.data as Float32Array).subarray(i * side ** 2, (i + 1) * side ** 2);
    return { mask: fullMask({ width: side, height: side, data }, frame, 0), score };
  });
}

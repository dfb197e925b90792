import type { BinaryMask, RgbImage } from "@pixelvla/data";
import type { OnnxFile, OnnxSignature } from "@pixelvla/engines";
import { suppressed, within, type ScoredBox } from "./boxes.ts";
import { letterbox, type Letterbox } from "./letterbox.ts";

/** Sizes of a YOLOv8-seg or FastSAM export, read from its shapes. */
export interface YoloSegShape {
  readonly input: string;
  readonly width: number;
  readonly height: number;
  readonly boxes: string;
  readonly prototypes: string;
  readonly nClasses: number;
  readonly nCoefficients: number;
}

export const YOLO_SEG_FORM =
  "float32[1, 3, H, W] -> float32[1, 4 + classes + K, N] and float32[1, K, H/4, W/4] (YOLOv8-seg, FastSAM)";

/** Reads the form off a signature; undefined for another model. */
export function yoloSegShape({ inputs, outputs }: OnnxSignature): YoloSegShape | undefined {
  const [image] = inputs;
  const boxes = outputs.find(({ shape }) => shape.length === 3);
  const prototypes = outputs.find(({ shape }) => shape.length === 4);
  if (inputs.length !== 1 || image?.shape.length !== 4 || image.shape[1] !== 3 || !boxes || !prototypes)
    return undefined;
  const [height, width, rows, k] = [image.shape[2], image.shape[3], boxes.shape[1], prototypes.shape[1]];
  if (typeof height !== "number" || typeof width !== "number" || typeof rows !== "number" || typeof k !== "number")
    return undefined;
  if (rows < 5 + k) return undefined;
  return {
    input: image.name,
    width,
    height,
    boxes: boxes.name,
    prototypes: prototypes.name,
    nClasses: rows - 4 - k,
    nCoefficients: k,
  };
}

/** One instance: box and score in the picture, and what makes its mask. */
export interface YoloInstance extends ScoredBox {
  readonly coefficients: Float32Array;
}

/** Everything a picture holds, with masks made on demand. */
export interface YoloScene {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly instances: readonly YoloInstance[];
  mask(instance: YoloInstance): BinaryMask;
}

/** Runs the model on a picture. */
export async function yoloScene(
  file: OnnxFile,
  form: YoloSegShape,
  image: RgbImage,
  { confidence, nmsIou, signal }: { confidence: number; nmsIou: number; signal?: AbortSignal | undefined },
): Promise<YoloScene> {
  const { widthPx, heightPx } = image;
  const frame = letterbox(image, form.width, form.height, { place: "centre", order: "rgb", factor: 1 / 255 });
  const dims = [1, 3, form.height, form.width];
  const outputs = await file.run(
    { [form.input]: { type: "float32", data: frame.planes, dims } },
    signal === undefined ? {} : { signal },
  );
  const rows = outputs[form.boxes]!;
  const prototypes = outputs[form.prototypes]!;
  const n = rows.dims[2]!;
  const data = rows.data as Float32Array;
  const found: ScoredBox[] = [];
  for (let i = 0; i < n; i++) {
    let classId = 0;
    for (let c = 1; c < form.nClasses; c++) if (data[(4 + c) * n + i]! > data[(4 + classId) * n + i]!) classId = c;
    const score = data[(4 + classId) * n + i]!;
    if (!(score > confidence)) continue;
    const [x, y, w, h] = [data[i]!, data[n + i]!, data[2 * n + i]!, data[3 * n + i]!];
    const toX = (value: number) => (value - frame.offsetX) / frame.scale;
    const toY = (value: number) => (value - frame.offsetY) / frame.scale;
    const box = { x0: toX(x - w / 2), y0: toY(y - h / 2), x1: toX(x + w / 2), y1: toY(y + h / 2) };
    found.push({ box: within(box, widthPx, heightPx), score, classId, index: i });
  }
  const instances = suppressed(found, nmsIou).map((one) => ({
    ...one,
    coefficients: Float32Array.from(
      { length: form.nCoefficients },
      (_, k) => data[(4 + form.nClasses + k) * n + one.index]!,
    ),
  }));
  const planes = prototypes.data as Float32Array;
  const [height, width] = [prototypes.dims[2]!, prototypes.dims[3]!];
  const ratio = width / form.width;
  return {
    widthPx,
    heightPx,
    instances,
    mask: (instance) => decodeMask(instance, planes, width, height, ratio, frame, image),
  };
}

/** Coefficients times prototypes, bilinear in the picture, above 0 within the box. */
function decodeMask(
  { box, coefficients }: YoloInstance,
  prototypes: Float32Array,
  width: number,
  height: number,
  ratio: number,
  frame: Letterbox,
  { widthPx, heightPx }: RgbImage,
): BinaryMask {
  const logits = new Float32Array(width * height);
  coefficients.forEach((coefficient, k) => {
    for (let i = 0, at = k * logits.length; i < logits.length; i++, at++) logits[i]! += coefficient * prototypes[at]!;
  });
  const data = new Uint8Array(widthPx * heightPx);
  for (let y = Math.floor(box.y0); y < Math.min(heightPx, box.y1); y++) {
    const v = Math.min(height - 1, Math.max(0, ((y + 0.5) * frame.scale + frame.offsetY) * ratio - 0.5));
    const top = Math.floor(v);
    const bottom = Math.min(height - 1, top + 1);
    for (let x = Math.floor(box.x0); x < Math.min(widthPx, box.x1); x++) {
      const u = Math.min(width - 1, Math.max(0, ((x + 0.5) * frame.scale + frame.offsetX) * ratio - 0.5));
      const left = Math.floor(u);
      const right = Math.min(width - 1, left + 1);
      const [fx, fy] = [u - left, v - top];
      const upper = logits[top * width + left]! * (1 - fx) + logits[top * width + right]! * fx;
      const lower = logits[bottom * width + left]! * (1 - fx) + logits[bottom * width + right]! * fx;
      if (upper * (1 - fy) + lower * fy > 0) data[y * widthPx + x] = 1;
    }
  }
  return { widthPx, heightPx, data };
}

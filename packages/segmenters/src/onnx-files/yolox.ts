import type { RgbImage } from "@pixelvla/data";
import type { OnnxFile, OnnxSignature } from "@pixelvla/engines";
import { suppressed, within, type ScoredBox } from "./boxes.ts";
import { letterbox } from "./letterbox.ts";

/** Sizes of a YOLOX export. */
export interface YoloxShape {
  readonly input: string;
  readonly output: string;
  readonly width: number;
  readonly height: number;
  readonly nClasses: number;
}

const STRIDES = [8, 16, 32];

export const YOLOX_FORM = "float32[1, 3, H, W] -> float32[1, cells of strides 8, 16 and 32, 5 + classes] (YOLOX)";

/** Reads the form off a signature; undefined for another model. */
export function yoloxShape({ inputs, outputs }: OnnxSignature): YoloxShape | undefined {
  const [image] = inputs;
  const [output] = outputs;
  if (inputs.length !== 1 || outputs.length !== 1 || image?.shape.length !== 4 || output?.shape.length !== 3)
    return undefined;
  const [height, width, cells, columns] = [image.shape[2], image.shape[3], output.shape[1], output.shape[2]];
  if (
    typeof height !== "number" ||
    typeof width !== "number" ||
    typeof cells !== "number" ||
    typeof columns !== "number"
  )
    return undefined;
  const expected = STRIDES.reduce((sum, stride) => sum + Math.floor(width / stride) * Math.floor(height / stride), 0);
  if (cells !== expected || columns < 6) return undefined;
  return { input: image.name, output: output.name, width, height, nClasses: columns - 5 };
}

/** Boxes of a picture, best first. Pictures go in as BGR in 0..255, top left. */
export async function yoloxBoxes(
  file: OnnxFile,
  form: YoloxShape,
  image: RgbImage,
  { confidence, nmsIou, signal }: { confidence: number; nmsIou: number; signal?: AbortSignal | undefined },
): Promise<ScoredBox[]> {
  const { scale, planes } = letterbox(image, form.width, form.height, { place: "top-left", order: "bgr", factor: 1 });
  const outputs = await file.run(
    { [form.input]: { type: "float32", data: planes, dims: [1, 3, form.height, form.width] } },
    signal === undefined ? {} : { signal },
  );
  const data = outputs[form.output]!.data as Float32Array;
  const columns = 5 + form.nClasses;
  const found: ScoredBox[] = [];
  let index = 0;
  for (const stride of STRIDES)
    for (let row = 0; row < Math.floor(form.height / stride); row++)
      for (let column = 0; column < Math.floor(form.width / stride); column++, index++) {
        const at = index * columns;
        let classId = 0;
        for (let c = 1; c < form.nClasses; c++) if (data[at + 5 + c]! > data[at + 5 + classId]!) classId = c;
        const score = data[at + 4]! * data[at + 5 + classId]!;
        if (!(score > confidence)) continue;
        const [x, y] = [(data[at]! + column) * stride, (data[at + 1]! + row) * stride];
        const [w, h] = [Math.exp(data[at + 2]!) * stride, Math.exp(data[at + 3]!) * stride];
        const box = {
          x0: (x - w / 2) / scale,
          y0: (y - h / 2) / scale,
          x1: (x + w / 2) / scale,
          y1: (y + h / 2) / scale,
        };
        found.push({ box: within(box, image.widthPx, image.heightPx), score, classId, index });
      }
  return suppressed(found, nmsIou);
}

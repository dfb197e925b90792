import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeImage, maskIou, type BinaryMask, type PixelBox } from "@pixelvla/data";
import { onnxruntimeEngine } from "@pixelvla/engines";
import { builtinSegmenters, createVisionRegistry, type Segmenter } from "@pixelvla/segmenters";
import { promptsFromMask } from "../src/index.ts";
import { sharedData } from "./real-datasets.ts";

/**
 * IoU of point and box prompts on objects of real pictures against the masks there:
 * `node --conditions=@pixelvla/source --import tsx packages/annotator/perf/cans-table.ts`.
 * Segmenters: a file with FastSAM's head (YOLOv8n-seg, class-agnostic at a low threshold) and the embedded GrabCut. The prompts are
 * a box around the mask, and one seeded point well inside it.
 */
const data = sharedData();
if (data === undefined) throw new Error("the sample data are not beside this repository (shared/data)");
const pictures = join(data, "simpler-real-images");
const context = { engine: onnxruntimeEngine({ provider: "cpu" }), threads: 1, modelsDir: join(data, "models") };
const registry = createVisionRegistry(builtinSegmenters);
const open = (name: string, options: object) => {
  const plugin = registry.get("segmenter", name);
  return plugin.open(plugin.options.parse(options), context);
};
const segmenters: readonly (readonly [string, Segmenter])[] = [
  ["yolov8n-seg", await open("onnx-segmenter", { file: "yolov8n-seg-int8/yolov8n-seg_int8.onnx" })],
  ["grabcut", await open("grabcut", {})],
]; // prettier-ignore

interface Entry {
  readonly image: string;
  readonly mask: string;
  readonly label: string;
  readonly bbox_xywh: readonly [number, number, number, number];
}
const entries = JSON.parse(readFileSync(join(pictures, "mask-index.json"), "utf8")) as Entry[];
process.stdout.write(`${"object".padEnd(44)}${segmenters.map(([name]) => `${name}: box  point  `).join("")}\n`);
for (const { image, mask, label, bbox_xywh } of entries) {
  const picture = await decodeImage(readFileSync(join(pictures, image)));
  const exact = await maskPicture(join(pictures, mask));
  const [x, y, w, h] = bbox_xywh;
  const box: PixelBox = { x0: x, y0: y, x1: x + w, y1: y + h };
  const point = insidePoint(exact);
  const cells: string[] = [];
  for (const [, segmenter] of segmenters) {
    const features = await segmenter.encode(picture);
    for (const prompt of [{ box }, { points: [point] }]) {
      const [best] = await segmenter.segment(features, prompt);
      cells.push(maskIou(best!.mask, exact).toFixed(2).padStart(6));
    }
  }
  process.stdout.write(`${`${label}, ${image.split("/").at(-1)!}`.padEnd(44)}${cells.join("  ")}\n`);
}
for (const [, segmenter] of segmenters) await segmenter.dispose();

async function maskPicture(path: string): Promise<BinaryMask> {
  const { data: rgb, widthPx, heightPx } = await decodeImage(readFileSync(path));
  return {
    widthPx,
    heightPx,
    data: Uint8Array.from({ length: widthPx * heightPx }, (_, i) => (rgb[3 * i]! > 127 ? 1 : 0)),
  };
}

function insidePoint(mask: BinaryMask): { x: number; y: number; isObject: true } {
  const { points } = promptsFromMask(mask, { points: 1, lines: 0 }, "cans");
  const { x, y } = points[0]!;
  return { x, y, isObject: true };
}

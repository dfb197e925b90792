import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { decodeImage } from "@pixelvla/data";
import { onnxruntimeEngine } from "@pixelvla/engines";
import { describe, expect, test } from "vitest";
import type { Detection } from "../contracts.ts";
import { boxIou } from "./boxes.ts";
import { onnxDetector, onnxSegmenter } from "./plugins.ts";

const MODELS = fileURLToPath(new URL("../../../../../shared/data/models/", import.meta.url));
const present = existsSync(`${MODELS}expected.json`);
if (!present) console.warn("skipped: the real small weights are not beside the repository (../shared/data/models)");

interface Case {
  readonly image: string;
  readonly conf: number;
  readonly detections: readonly {
    classId: number;
    score: number;
    box: [number, number, number, number];
    maskAreaPx?: number;
  }[];
}
const context = { engine: onnxruntimeEngine({ provider: "cpu" }), threads: 1, modelsDir: MODELS };
const read = (image: string) => decodeImage(readFileSync(`${MODELS}${image}`));

describe.skipIf(!present)("real weights", () => {
  const expected = (present ? JSON.parse(readFileSync(`${MODELS}expected.json`, "utf8")) : {}) as Record<
    string,
    { cases: Case[] }
  >;

  test.each([
    ["yolov8nSeg", "yolov8n-seg-int8/yolov8n-seg_int8.onnx"],
    ["yoloxNano", "yolox-nano/yolox_nano.onnx"],
  ])("%s finds what the reference found", async (name, file) => {
    const detector = await onnxDetector.open({ file, confidence: 0.25, nmsIou: 0.5, anyClass: true }, context);
    for (const { image, conf, detections } of expected[name]!.cases) {
      const found = await detector.detect(await read(image), [], { threshold: conf });
      // Only detections 0.05 above the threshold are compared, both ways. Below that they differ: on the Google-robot picture
      // (threshold 0.03) one more is found than expected, and the one of class 45 (score 0.038) comes as class 56 (0.032). That is the
      // resizer: given the picture as sharp makes it small, the reference's, all eight scores come out the same to the last digit.
      const alike = (one: Detection, { classId, box: [x0, y0, x1, y1] }: Case["detections"][number]) =>
        one.label === String(classId) && boxIou(one.box, { x0, y0, x1, y1 }) >= 0.9;
      for (const one of found.filter(({ score }) => score > conf + 0.05))
        expect(
          detections.some((wanted) => alike(one, wanted)),
          `${image} found ${one.label}`,
        ).toBe(true);
      for (const wanted of detections.filter(({ score }) => score > conf + 0.05)) {
        const same = found.find((one) => alike(one, wanted));
        expect(same, `${image} class ${wanted.classId}`).toBeDefined();
        expect(Math.abs(same!.score - wanted.score)).toBeLessThan(0.05);
        if (wanted.maskAreaPx !== undefined)
          expect(Math.abs(same!.mask!.data.reduce((sum, v) => sum + v, 0) / wanted.maskAreaPx - 1)).toBeLessThan(0.05);
      }
    }
    await detector.dispose();
  });

  test("a file of another kind and a wrong hash are refused", async () => {
    const open = (file: string, sha256?: string) =>
      onnxSegmenter.open({ file, confidence: 0.03, nmsIou: 0.5, ...(sha256 === undefined ? {} : { sha256 }) }, context);
    await expect(open("yolox-nano/yolox_nano.onnx")).rejects.toMatchObject({ code: "PVLA_ONNX_SIGNATURE" });
    await expect(open("yolox-nano/yolox_nano.onnx", "0".repeat(64))).rejects.toMatchObject({ code: "PVLA_MODEL_HASH" });
    await expect(open("absent.onnx")).rejects.toMatchObject({ code: "PVLA_ONNX_FILE" });
  });
});

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { decodeImage, type PixelBox } from "@pixelvla/data";
import { onnxruntimeEngine } from "@pixelvla/engines";
import { describe, expect, test } from "vitest";
import type { FrameSource } from "../../contracts.ts";
import { boxIou } from "../boxes.ts";
import { onnxTracker } from "../tracker-plugin.ts";
import { squareCrop } from "./crop.ts";
import { siameseShape } from "./shape.ts";

const MODELS = fileURLToPath(new URL("../../../../../../shared/data/models/", import.meta.url));
const present = existsSync(`${MODELS}expected.json`);
if (!present) console.warn("skipped: the real small weights are not beside the repository (../shared/data/models)");

interface Followed {
  readonly init: readonly [x: number, y: number, width: number, height: number];
  readonly frames: readonly { frame: string; score: number; box: readonly [number, number, number, number] }[];
}
const context = { engine: onnxruntimeEngine({ provider: "cpu" }), threads: 1, modelsDir: MODELS };
const backbone = { file: "nanotrack-v3/nanotrack_backbone.onnx" };
const head = { file: "nanotrack-v3/nanotrack_head.onnx" };
const open = (files: { file: string }[]) => onnxTracker.open({ files, searchEverywhereBelow: 0.6 }, context);
const boxOf = ([x, y, width, height]: Followed["init"]): PixelBox => ({ x0: x, y0: y, x1: x + width, y1: y + height });
const video = (folder: string, names: readonly string[]): FrameSource => ({
  nFrames: names.length,
  read: (t) => decodeImage(readFileSync(`${MODELS}images/${folder}/${names[t]!}`)),
});

test("a crop keeps the picture's pixels where the scale is one, and fills what lies outside", () => {
  const data = Uint8Array.from({ length: 4 * 4 * 3 }, (_, i) => i);
  const planes = squareCrop({ widthPx: 4, heightPx: 4, data }, { cx: 4, cy: 4 }, 4, 4, [100, 150, 200]);
  expect([...planes.slice(0, 2)]).toEqual([data[3 * 10 + 2], data[3 * 11 + 2]]); // blue comes first
  expect([planes[15], planes[31], planes[47]]).toEqual([200, 150, 100]);
});

test("the form is read off the shapes, whatever the names", () => {
  const value = (name: string, shape: number[]) => ({ name, type: "float32", shape });
  const one = { inputs: [value("x", [1, 3, 255, 255])], outputs: [value("y", [1, 96, 16, 16])] };
  const two = {
    inputs: [value("a", [1, 96, 16, 16]), value("b", [1, 96, 8, 8])],
    outputs: [value("loc", [1, 4, 15, 15]), value("cls", [1, 2, 15, 15])],
  };
  expect(siameseShape(one, two)).toMatchObject({
    head: { template: "b", search: "a", scores: "cls", offsets: "loc" },
    cropPx: 255,
    templateSide: 8,
    answerSide: 15,
  });
  expect(siameseShape(two, one)).toBeUndefined();
});

describe.skipIf(!present)("real weights", () => {
  const expected = (
    present ? (JSON.parse(readFileSync(`${MODELS}expected.json`, "utf8")) as object) : { nanotrackV3: {} }
  ) as { nanotrackV3: { bedroom: Followed; gripperAcrossEpisodes: Followed } };

  test.each([
    ["bedroom", "bedroom", [head, backbone]],
    ["gripperAcrossEpisodes", "simpler", [backbone, head]],
  ] as const)("%s is followed as the reference followed it", async (name, folder, files) => {
    const { init, frames } = expected.nanotrackV3[name];
    const tracker = await open([...files]);
    const session = await tracker.start(
      video(
        folder,
        frames.map(({ frame }) => frame),
      ),
    );
    await session.prompt(0, 1, { box: boxOf(init) });
    const ious: number[] = [];
    for await (const { frameIndex, objects } of session.propagate({ fromFrame: 0, direction: "forward" })) {
      ious.push(boxIou(objects[0]!.box!, boxOf(frames[frameIndex]!.box)));
      expect(objects[0]!.score).toBeGreaterThan(frames[frameIndex]!.score - 0.05);
    }
    await tracker.dispose();
    expect(ious).toHaveLength(frames.length);
    // The reference also moved its box in the prompted frame, so the paths are not the same.
    expect(Math.min(...ious)).toBeGreaterThan(0.6);
    expect(ious.reduce((sum, iou) => sum + iou, 0) / ious.length).toBeGreaterThan(0.85);
  });

  test("files of other kinds, and a prompt without a size, are refused", async () => {
    await expect(open([backbone, { file: "yolox-nano/yolox_nano.onnx" }])).rejects.toMatchObject({
      code: "PVLA_ONNX_SIGNATURE",
    });
    const tracker = await open([backbone, head]);
    const session = await tracker.start(video("bedroom", ["00000.jpg"]));
    const points = [{ x: 5, y: 5, isObject: true }];
    await expect(session.prompt(0, 1, { points })).rejects.toMatchObject({ code: "PVLA_SEGMENT_PROMPT" });
    await tracker.dispose();
  });
});

import { z } from "zod";
import { defineTracker } from "../contracts.ts";
import { unknownSignature } from "./errors.ts";
import { fileOptions, openModelFile, type ModelFile } from "./model-file.ts";
import { SiameseModel } from "./nanotrack/siamese-model.ts";
import { siameseTracker } from "./nanotrack/siamese-tracker.ts";
import { SIAMESE_FORM, siameseShape } from "./nanotrack/shape.ts";

const part = z.strictObject(fileOptions);

/** Tracker of boxes from ONNX files; which file is which is read from what they take and give. */
export const onnxTracker = defineTracker({
  name: "onnx-tracker",
  summary: "NanoTrack-class trackers of boxes from two ONNX files, backbone and head in any order",
  options: z.strictObject({
    files: z.tuple([part, part]).describe("The two files of the tracker"),
    searchEverywhereBelow: z
      .number()
      .min(0)
      .max(1)
      .default(0.6)
      .describe("Score below which the object is sought in the whole picture"),
  }),
  async open({ files, searchEverywhereBelow }, context) {
    const opened: ModelFile[] = [];
    try {
      for (const { file, sha256 } of files) opened.push(await openModelFile(file, sha256, context));
      const [one, other] = opened as [ModelFile, ModelFile];
      for (const [backbone, head] of [
        [one, other],
        [other, one],
      ] as const) {
        const shape = siameseShape(backbone.onnx, head.onnx);
        if (shape === undefined) continue;
        const identity = {
          model: `${backbone.model} + ${head.model}`,
          modelVersion: `${backbone.modelVersion} + ${head.modelVersion}`,
        };
        return siameseTracker(new SiameseModel(backbone.onnx, head.onnx, shape), identity, { searchEverywhereBelow });
      }
      throw unknownSignature(one.onnx.path, `a tracker with ${other.onnx.path}`, one.onnx, [SIAMESE_FORM]);
    } catch (error) {
      for (const { onnx } of opened) await onnx.dispose();
      throw error;
    }
  },
});

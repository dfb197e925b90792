import { z } from "zod";
import { defineTracker, type FrameSource, type Tracker } from "../../contracts.ts";
import { noSuchFrame } from "../errors.ts";
import { Sam2Model } from "../model.ts";
import { folderOption } from "../segmenter.ts";
import { Sam2FrameModel } from "./frame-model.ts";
import { Sam2Session, type SessionOptions } from "./session.ts";

/** SAM 2.1 following objects through a video. Sessions share its compiled programs. */
export class Sam2Tracker implements Tracker {
  readonly model: string;
  readonly modelVersion: string;
  readonly #frameModel: Sam2FrameModel;
  readonly #options: SessionOptions;

  constructor(frameModel: Sam2FrameModel, options: SessionOptions) {
    this.#frameModel = frameModel;
    this.#options = options;
    this.model = frameModel.sam2.folder.model;
    this.modelVersion = frameModel.sam2.folder.modelVersion;
  }

  /** @throws PVLA_TRACK_FRAME for a video without frames */
  start(frames: FrameSource): Promise<Sam2Session> {
    if (!Number.isInteger(frames.nFrames) || frames.nFrames < 1) return Promise.reject(noSuchFrame(0, 0));
    return Promise.resolve(new Sam2Session(this.#frameModel, frames, this.#options));
  }

  dispose(): Promise<void> {
    return this.#frameModel.sam2.dispose();
  }
}

/** SAM 2.1 with video memory. */
export const sam2Video = defineTracker({
  name: "sam2-video",
  summary: "SAM 2.1 (tiny to large) with video memory: follows objects from points, boxes and masks on any frame.",
  options: z.strictObject({
    folder: folderOption,
    fillHolesArea: z
      .int()
      .nonnegative()
      .default(8)
      .describe("Holes of a mask up to this many pixels of the low-resolution mask are filled; 0 leaves them"),
    nonOverlapping: z.boolean().default(false).describe("Give every pixel to one object only"),
  }),
  async open({ folder, ...options }, context) {
    const sam2 = await Sam2Model.open(folder, context);
    return new Sam2Tracker(await Sam2FrameModel.create(sam2), options);
  },
});

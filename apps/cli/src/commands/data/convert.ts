import { convertDataset, openDataset, type ConvertReport, type ImageStorage } from "@pixelvla/data";
import { defineCommand } from "citty";
import { interruptSignal } from "../../terminal/interrupt.ts";
import { jsonArg, printResult } from "../../terminal/output.ts";
import { createProgress } from "../../terminal/progress.ts";
import { repeatedOption } from "../../terminal/repeated-option.ts";
import { wholeNumber } from "../../terminal/whole-number.ts";
import { datasetArgs, oneOf, openOptions } from "./options.ts";

const STORAGES: readonly ImageStorage[] = ["stored", "av1", "h264"];

export const convertCommand = defineCommand({
  meta: { name: "convert", description: "Write any dataset as a pixel dataset (LeRobot v3 with annotation columns)" },
  args: {
    ...datasetArgs,
    out: {
      type: "string",
      required: true,
      description: "Folder of the pixel dataset; an interrupted run goes on there",
    },
    images: { type: "string", default: "stored", description: "stored (as they are), av1 or h264 (smaller, lossy)" },
    camera: { type: "string", description: "Take only this camera; may be given again" },
    annotations: { type: "string", description: "Sidecar or pixel dataset whose annotations to put into the columns" },
    start: { type: "string", description: "First episode by place in the list, to share work between processes" },
    end: { type: "string", description: "Episode to stop before" },
    "on-damage": { type: "string", default: "stop", description: "stop, or skip and report damaged episodes" },
    ...jsonArg,
  },
  async run({ args, rawArgs }) {
    using interrupts = interruptSignal();
    const { signal } = interrupts;
    const progress = createProgress({ json: args.json });
    const images = oneOf("--images", args.images, STORAGES);
    const cameras = repeatedOption(rawArgs, "--camera");
    const dataset = await openDataset(args.dataset, openOptions(args, args["on-damage"], signal));
    try {
      const report = await convertDataset(dataset, args.out, {
        images,
        signal,
        cameras: cameras.length === 0 ? undefined : cameras,
        annotations: args.annotations,
        start: args.start === undefined ? undefined : wholeNumber("--start", args.start),
        end: args.end === undefined ? undefined : wholeNumber("--end", args.end),
        onProgress: (done, total, nFrames) =>
          progress.update({ done, total, unit: "episodes", note: `${nFrames} frames` }),
      });
      progress.end();
      printResult(args.json, report, () => text(report));
    } finally {
      progress.end();
      await dataset.close();
    }
  },
});

function text({ root, nAdded, nSkipped, nFrames, nAnnotated, damage }: ConvertReport): string {
  return [
    `${root}: ${nAdded} episodes added (${nFrames} frames, ${nAnnotated} annotated), ${nSkipped} were there already`,
    ...damage.slice(0, 20).map(({ code, message }) => `${code}  ${message}`),
    ...(damage.length > 20 ? [`… and ${damage.length - 20} more damaged places (--json lists all)`] : []),
  ].join("\n");
}

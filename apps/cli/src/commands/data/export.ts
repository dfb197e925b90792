import { exportAnnotations, INTERCHANGE_FORMATS, openAnnotations, openDataset } from "@pixelvla/data";
import { defineCommand } from "citty";
import { interruptSignal } from "../../terminal/interrupt.ts";
import { jsonArg, printResult } from "../../terminal/output.ts";
import { createProgress } from "../../terminal/progress.ts";
import { repeatedOption } from "../../terminal/repeated-option.ts";
import { wholeNumber } from "../../terminal/whole-number.ts";
import { oneOf } from "./options.ts";

export const exportCommand = defineCommand({
  meta: { name: "export", description: "Write annotations and their frames for another tool" },
  args: {
    dataset: {
      type: "positional",
      required: true,
      description: "Pixel dataset, or a dataset with a sidecar beside it",
    },
    format: { type: "string", required: true, description: INTERCHANGE_FORMATS.join(", ") },
    out: { type: "string", required: true, description: "Folder to write to" },
    annotations: { type: "string", description: "Sidecar, where it does not lie beside the dataset" },
    episode: { type: "string", description: "Only this episode; may be given again" },
    every: { type: "string", default: "1", description: "Take every n-th annotated frame" },
    images: {
      type: "boolean",
      default: true,
      description: "Write the frames' pictures too (--no-images: only annotations)",
    },
    "image-root": { type: "string", description: "What Label Studio puts before file names" },
    ...jsonArg,
  },
  async run({ args, rawArgs }) {
    using interrupts = interruptSignal();
    const { signal } = interrupts;
    const progress = createProgress({ json: args.json });
    const format = oneOf("--format", args.format, INTERCHANGE_FORMATS);
    const episodes = repeatedOption(rawArgs, "--episode").map((value) => wholeNumber("--episode", value));
    const reader = await openAnnotations(args.annotations ?? args.dataset);
    const dataset = args.images
      ? await openDataset(args.dataset, { signal }).catch(async (error: unknown) => {
          await reader.close();
          throw error;
        })
      : undefined;
    try {
      const report = await exportAnnotations(reader, {
        format,
        out: args.out,
        episodes: episodes.length === 0 ? undefined : episodes,
        every: Math.max(1, wholeNumber("--every", args.every)),
        images: dataset,
        imageRoot: args["image-root"],
        signal,
        onProgress: (done, total) => progress.update({ done, total, unit: "episodes" }),
      });
      progress.end();
      const { nImages, nMasks, nEpisodes, files, out } = report;
      printResult(
        args.json,
        report,
        () => `${out}: ${nImages} images of ${nEpisodes} episodes, ${nMasks} masks (${files.join(", ")})`,
      );
    } finally {
      progress.end();
      await Promise.all([reader.close(), dataset?.close()]);
    }
  },
});

import {
  importAnnotations,
  INTERCHANGE_FORMATS,
  openDataset,
  sidecarDataset,
  sidecarPath,
  SidecarWriter,
} from "@pixelvla/data";
import { defineCommand } from "citty";
import { interruptSignal } from "../../terminal/interrupt.ts";
import { jsonArg, printResult } from "../../terminal/output.ts";
import { createProgress } from "../../terminal/progress.ts";
import { oneOf } from "./options.ts";

export const importCommand = defineCommand({
  meta: { name: "import", description: "Take annotations made in another tool into the dataset's sidecar" },
  args: {
    dataset: {
      type: "positional",
      required: true,
      description: "Dataset the frames were exported from; it stays as it is",
    },
    format: { type: "string", required: true, description: INTERCHANGE_FORMATS.join(", ") },
    file: { type: "string", required: true, description: "The other tool's file; for masks the folder of PNG files" },
    run: {
      type: "string",
      description: "Name of this import; the same name imports an episode once. Default: the file's name and time",
    },
    annotations: { type: "string", description: "Sidecar to write to; default FOLDER.annotations beside the dataset" },
    ...jsonArg,
  },
  async run({ args }) {
    using interrupts = interruptSignal();
    const { signal } = interrupts;
    const progress = createProgress({ json: args.json });
    const format = oneOf("--format", args.format, INTERCHANGE_FORMATS);
    const dataset = await openDataset(args.dataset, { signal });
    try {
      const out = args.annotations ?? sidecarPath(dataset.info.root);
      const sidecar = await SidecarWriter.open(out, sidecarDataset(dataset.info));
      const report = await importAnnotations(dataset, sidecar, {
        format,
        file: args.file,
        run: args.run ?? `import ${format} ${new Date().toISOString()}`,
        onProgress: (done, total) => progress.update({ done, total, unit: "episodes" }),
      });
      progress.end();
      const { nImages, nEpisodes, nSkipped, nWithSeveralObjects, nWithoutObject } = report;
      printResult(args.json, { ...report, out }, () =>
        [
          `${out}: ${nImages} images of ${nEpisodes} episodes, ${nSkipped} episodes were imported before`,
          ...(nWithSeveralObjects > 0
            ? [`${nWithSeveralObjects} images hold several objects: the best-scored, then largest was taken`]
            : []),
          ...(nWithoutObject > 0 ? [`${nWithoutObject} images hold no object`] : []),
        ].join("\n"),
      );
    } finally {
      progress.end();
      await dataset.close();
    }
  },
});

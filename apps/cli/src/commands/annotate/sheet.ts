import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { datasetSheet, readAnnotationJob } from "@pixelvla/annotator";
import { writeFileAtomic } from "@pixelvla/jobs";
import { defineCommand } from "citty";
import { jsonArg, printResult } from "../../terminal/output.ts";
import { wholeNumber } from "../../terminal/whole-number.ts";
import { oneOf } from "../data/options.ts";

export const annotateSheetCommand = defineCommand({
  meta: { name: "sheet", description: "Draw annotated episodes on one picture" },
  args: {
    folder: { type: "positional", required: true, description: "Annotation job, or a dataset with annotations" },
    out: { type: "string", default: "contact-sheet.jpg", description: "JPEG to write" },
    episodes: { type: "string", default: "24", description: "Episodes on the sheet" },
    sort: { type: "string", default: "doubt", description: "doubt (the doubted most first) or episode" },
    ...jsonArg,
  },
  async run({ args }) {
    const source = await sourceOf(resolve(args.folder));
    const { jpeg, nEpisodes } = await datasetSheet({
      ...source,
      nEpisodes: wholeNumber("--episodes", args.episodes),
      sort: oneOf("--sort", args.sort, ["doubt", "episode"] as const),
    });
    writeFileAtomic(args.out, jpeg);
    const result = { file: resolve(args.out), nEpisodes };
    printResult(args.json, result, () => `${result.file}: ${nEpisodes} episodes`);
  },
});

/** Dataset and annotations of a job directory, or of a dataset itself. */
async function sourceOf(folder: string) {
  if (!existsSync(join(folder, "config.yaml"))) return { dataset: folder };
  const { dataset, sidecar, reading } = await readAnnotationJob(folder);
  return { dataset, annotations: sidecar ?? join(folder, "annotations"), reading };
}

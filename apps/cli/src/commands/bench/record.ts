import { availableParallelism } from "node:os";
import { resolve } from "node:path";

import * as bench from "@pixelvla/bench";
import * as recording from "@pixelvla/bench/recording";
import { defineCommand } from "citty";

import { interruptSignal } from "../../terminal/interrupt.ts";
import { jsonArg, printResult } from "../../terminal/output.ts";
import { createProgress } from "../../terminal/progress.ts";
import { wholeNumber } from "../../terminal/whole-number.ts";
import { chosen, oneOf } from "./choices.ts";

export const benchRecordCommand = defineCommand({
  meta: { name: "record", description: "Record demonstrations of the scripted expert as a LeRobot v3 pixel dataset" },
  args: {
    out: { type: "positional", required: true, description: "Folder of the dataset; an existing one is continued" },
    embodiment: { type: "string", default: "widowx", description: "widowx or google-robot" },
    tasks: { type: "string", default: "pick", description: "Task families, separated by commas, or all" },
    variants: { type: "string", default: "base", description: "Variants, separated by commas" },
    episodes: { type: "string", default: "200", description: "Attempts per task and variant; failures are dropped" },
    firstSeed: { type: "string", description: "Seed of the first layout (default 100000, apart from evaluation)" },
    imageSize: { type: "string", default: "64", description: "Side of the image in pixels" },
    images: { type: "string", default: "stored", description: "stored (PNG in the table), av1 or h264 (video)" },
    clean: { type: "boolean", default: false, description: "No noise, kicks or bad grasps" },
    threads: { type: "string", description: "Worker threads (default: one per core)" },
    ...jsonArg,
  },
  async run({ args }) {
    const embodiment = oneOf("--embodiment", args.embodiment, ["widowx", "google-robot"] as const);
    const imageSizePx = wholeNumber("--image-size", args.imageSize);
    const images = oneOf("--images", args.images, ["stored", "av1", "h264"] as const);
    const plan = {
      embodiment,
      tasks: chosen("--tasks", args.tasks, bench.TASKS),
      variants: chosen(
        "--variants",
        args.variants,
        bench.VARIANTS.map(({ name }) => name),
      ),
      nEpisodes: wholeNumber("--episodes", args.episodes),
      imageSizePx,
      noise: args.clean ? recording.NO_NOISE : recording.DEFAULT_NOISE,
      threads: args.threads === undefined ? availableParallelism() : wholeNumber("--threads", args.threads),
      ...(args.firstSeed === undefined ? {} : { firstSeed: wholeNumber("--first-seed", args.firstSeed) }),
    };
    const root = resolve(args.out);
    const sink = await recording.pixelDatasetSink(root, embodiment, imageSizePx, images);
    const progress = createProgress({ json: args.json });
    using interrupts = interruptSignal();
    const { signal } = interrupts;
    const report = await recording
      .recordDemonstrations(
        { ...plan, signal, onPlayed: (_, done, total) => progress.update({ done, total, unit: "episodes" }) },
        sink,
      )
      .finally(() => progress.end());
    printResult(args.json, { root, ...report }, () => {
      const perMinute = (60 * report.nAttempts) / Math.max(report.durationS, 1e-9);
      const dropped = Object.entries(report.dropped).map(([outcome, n]) => `${n} ${outcome}`);
      return [
        `${report.nRecorded} episodes (${report.nFrames} frames) recorded in ${root}`,
        `${report.nAttempts} attempts in ${report.durationS.toFixed(1)} s (${perMinute.toFixed(0)} a minute), ${report.nSkipped} were there already`,
        `dropped: ${dropped.length === 0 ? "none" : dropped.join(", ")}`,
      ].join("\n");
    });
  },
});

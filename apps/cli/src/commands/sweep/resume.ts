import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { recordedSweep } from "@pixelvla/sweeps";
import { defineCommand } from "citty";
import { jsonArg } from "../../terminal/output.ts";
import { wholeNumber } from "../../terminal/whole-number.ts";
import { playSweep } from "./play-sweep.ts";

export const sweepResumeCommand = defineCommand({
  meta: { name: "resume", description: "Take up the cells of a sweep's directory that failed or were stopped" },
  args: {
    dir: { type: "positional", required: true, description: "Job directory of the sweep" },
    workers: { type: "string", description: "Cells at work at the same time (default: one per core)" },
    ...jsonArg,
  },
  async run({ args }) {
    const dir = resolve(args.dir);
    await playSweep({
      dir,
      ...recordedSweep(dir),
      workers: args.workers === undefined ? availableParallelism() : wholeNumber("--workers", args.workers),
      json: args.json,
    });
  },
});

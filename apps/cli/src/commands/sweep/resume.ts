import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { recordedSweep, runSweep, writeReport } from "@pixelvla/sweeps";
import { defineCommand } from "citty";
import { EXIT } from "../../terminal/exit-codes.ts";
import { interruptSignal } from "../../terminal/interrupt.ts";
import { jsonArg, printResult } from "../../terminal/output.ts";
import { createProgress } from "../../terminal/progress.ts";
import { wholeNumber } from "../../terminal/whole-number.ts";
import { reportText } from "./sweep-text.ts";

export const sweepResumeCommand = defineCommand({
  meta: { name: "resume", description: "Take up the cells of a sweep's directory that failed or were stopped" },
  args: {
    dir: { type: "positional", required: true, description: "Job directory of the sweep" },
    workers: { type: "string", description: "Cells at work at the same time (default: one per core)" },
    ...jsonArg,
  },
  async run({ args }) {
    const dir = resolve(args.dir);
    const progress = createProgress({ json: args.json });
    const { signal, dispose } = interruptSignal();
    try {
      const outcome = await runSweep({
        dir,
        ...recordedSweep(dir),
        workers: args.workers === undefined ? availableParallelism() : wholeNumber("--workers", args.workers),
        signal,
        onProgress: ({ done, total, etaS, running, nFailed }) => {
          const note = [...running, ...(nFailed > 0 ? [`${nFailed} failed`] : [])].join(", ");
          progress.update({ done: Number(done.toFixed(2)), total, unit: "cells", etaS, note });
        },
      });
      progress.end();
      const { report, files } = await writeReport(dir);
      printResult(args.json, { dir, outcome, report, files }, () => reportText(report, files));
      if (outcome === "stopped") process.exitCode = EXIT.interrupted;
    } finally {
      progress.end();
      dispose();
    }
  },
});

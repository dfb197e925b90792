import { runSweep, writeReport } from "@pixelvla/sweeps";
import { EXIT } from "../../terminal/exit-codes.ts";
import { interruptSignal } from "../../terminal/interrupt.ts";
import { printResult } from "../../terminal/output.ts";
import { createProgress } from "../../terminal/progress.ts";
import { reportText } from "./sweep-text.ts";

/** What a sweep is played with; its progress and interruption are the terminal's. */
export interface SweepPlay extends Omit<Parameters<typeof runSweep>[0], "signal" | "onProgress"> {
  readonly json: boolean;
  /** Lines said before it begins. */
  readonly opening?: readonly string[];
}

/** Plays a sweep to its end or to an interrupt, showing its progress, then writes and prints its report. */
export async function playSweep({ json, opening = [], ...sweep }: SweepPlay): Promise<void> {
  const { dir } = sweep;
  const progress = createProgress({ json });
  using interrupts = interruptSignal();
  const { signal } = interrupts;
  try {
    for (const line of opening) progress.line(line);
    const outcome = await runSweep({
      ...sweep,
      signal,
      onProgress: ({ done, total, etaS, running, nFailed }) => {
        const note = [...running, ...(nFailed > 0 ? [`${nFailed} failed`] : [])].join(", ");
        progress.update({ done: Number(done.toFixed(2)), total, unit: "cells", etaS, note });
      },
    });
    progress.end();
    const { report, files } = await writeReport(dir);
    printResult(json, { dir, outcome, report, files }, () => reportText(report, files));
    if (outcome === "stopped") process.exitCode = EXIT.interrupted;
  } finally {
    progress.end();
  }
}

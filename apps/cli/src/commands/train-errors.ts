import { pixelVlaError, type PixelVlaError } from "@pixelvla/core";

/** Arguments that do not go together. */
export const wrongArguments = (needed: string): PixelVlaError =>
  pixelVlaError("PVLA_ARGUMENTS", { doing: "Reading the command line", found: "an argument is missing", needed });

/** `--resume` on a run that has ended as it should. */
export const nothingToResume = (run: string, step: number | undefined, dir: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_NOTHING_TO_RESUME",
    {
      doing: `Resuming "${run}"`,
      found: `it is done${step === undefined ? "" : ` (train step ${step})`}`,
      fix: `Train further with --set training.steps=N, or begin a new run: ${dir}`,
    },
    { run, step, dir },
  );

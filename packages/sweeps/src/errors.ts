import { pixelVlaError, type PixelVlaError } from "@pixelvla/core";

/** A sweep file cannot be read or is no YAML. */
export const unreadableSweep = (file: string, problem: string, cause?: unknown): PixelVlaError =>
  pixelVlaError(
    "PVLA_SWEEP_FILE",
    { doing: "Reading the sweep", found: problem, fix: `The file is ${file}` },
    { file },
    cause,
  );

/** A sweep file names something that it does not define, or that does not exist. */
export const badSweep = (sweep: string, found: string, needed: string): PixelVlaError =>
  pixelVlaError("PVLA_SWEEP", { doing: `Planning sweep "${sweep}"`, found, needed }, { sweep });

/** An arm to compare with that the sweep does not have. */
export const noSuchArm = (sweep: string, arm: string, arms: readonly string[]): PixelVlaError =>
  pixelVlaError(
    "PVLA_SWEEP",
    {
      doing: `Reporting sweep "${sweep}"`,
      found: `no arm is named "${arm}"`,
      fix: `Compare with one of ${arms.join(", ")}`,
    },
    { sweep, arm },
  );

/** The folder holds a sweep of other settings. */
export const sweepChanged = (dir: string, tasks: readonly string[]): PixelVlaError =>
  pixelVlaError(
    "PVLA_SWEEP_CHANGED",
    {
      doing: "Going on with the sweep",
      found: `${tasks.slice(0, 4).join(", ")}${tasks.length > 4 ? ` and ${tasks.length - 4} more` : ""} began with other settings`,
      fix: `Give the settings it began with, or another folder with --out: ${dir}`,
    },
    { dir, tasks },
  );

/** Work of a sweep that did not come to its end. */
export const tasksFailed = (failed: readonly { id: string; message: string }[], nBlocked: number): PixelVlaError =>
  pixelVlaError(
    "PVLA_SWEEP_FAILED",
    {
      doing: "Running the sweep",
      found: `${failed.length} failed (${failed.map(({ id, message }) => `${id}: ${message}`).join("; ")})${
        nBlocked === 0 ? "" : `, ${nBlocked} could not begin because of it`
      }`,
      fix: "Remove the cause and give the same command again: what is done stays, only the rest is run",
    },
    { failed: failed.map(({ id }) => id) },
  );

/** A folder that holds no sweep. */
export const notASweep = (dir: string, problem: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_SWEEP_FOLDER",
    { doing: "Opening a sweep", found: problem, fix: `The folder is ${dir}` },
    { dir },
  );

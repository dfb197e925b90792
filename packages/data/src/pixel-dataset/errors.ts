import { PixelVlaError, pixelVlaError } from "@pixelvla/core";

/** A file of the dataset cannot be written: disk full, no permission. What is committed stays as it was. Errors of other kinds pass unchanged. */
export const cannotWrite = (path: string, cause: unknown): Error => {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === undefined || cause instanceof PixelVlaError) return cause as Error; // a defect, or told already
  const found = code === "ENOSPC" ? "no space is left on the device" : message;
  return pixelVlaError(
    "PVLA_PIXELS_WRITE",
    {
      doing: `Writing ${path}`,
      found,
      fix: "Everything committed before is unharmed: make room or fix the permission, then run the same command again to go on",
    },
    { path, errno: code },
    cause,
  );
};

/** The folder to be written to holds something that is no pixel dataset of ours. */
export const notOurs = (root: string, found: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_PIXELS_NOT_OURS",
    {
      doing: `Opening ${root} for writing`,
      found,
      needed: "an empty folder or a pixel dataset written by this software",
      fix: "Choose another folder, or annotate the dataset in a sidecar instead of changing it",
    },
    { root },
  );

/** The dataset was made with other features than the episode or writer at hand. */
export const layoutMismatch = (root: string, found: string, needed: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_PIXELS_LAYOUT",
    { doing: `Adding to ${root}`, found, needed, fix: "Write data of another layout to a dataset of its own" },
    { root },
  );

/** An episode whose arrays or annotations contradict one another. */
export const badEpisode = (key: string, found: string, needed: string): PixelVlaError =>
  pixelVlaError("PVLA_PIXELS_EPISODE", { doing: `Adding episode "${key}"`, found, needed }, { key });

/** Annotation columns of a schema version this software does not know or cannot migrate. */
export const unknownSchema = (where: string, found: string, current: number): PixelVlaError =>
  pixelVlaError(
    "PVLA_PIXELS_SCHEMA",
    {
      doing: `Reading the annotations of ${where}`,
      found,
      needed: `annotation schema version 1 to ${current}`,
      fix: "Install a newer version of this software, or write the annotations again",
    },
    { where, current },
  );

/** Committed data that is not on disk as the commit says. */
export const damagedStore = (where: string, found: string, fix?: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_PIXELS_DAMAGED",
    { doing: `Reading ${where}`, found, fix: fix ?? "Restore the file from a copy, or write the dataset again" },
    { where },
  );

/** A second call to a writer while the first was not awaited. */
export const overlapping = (doing: string, busy: string): PixelVlaError =>
  pixelVlaError("PVLA_PIXELS_OVERLAP", {
    doing,
    found: `the same writer is still at work (${busy[0]!.toLowerCase()}${busy.slice(1)})`,
    fix: "Await each call before the next one, or open a writer for each task: several may append to one dataset",
  });

/** Nothing of the asked kind is there. */
export const nothingThere = (doing: string, found: string, fix: string): PixelVlaError =>
  pixelVlaError("PVLA_PIXELS_MISSING", { doing, found, fix });

/** The video encoder cannot do what is asked. */
export const cannotEncode = (doing: string, found: string, fix: string, cause?: unknown): PixelVlaError =>
  pixelVlaError("PVLA_PIXELS_ENCODE", { doing, found, fix }, {}, cause);

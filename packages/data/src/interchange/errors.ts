import { pixelVlaError, type PixelVlaError } from "@pixelvla/core";

/** An annotation file of another tool that cannot be understood. */
export const badInterchange = (file: string, found: string, needed?: string, cause?: unknown): PixelVlaError =>
  pixelVlaError(
    "PVLA_INTERCHANGE_READ",
    { doing: `Importing ${file}`, found, ...(needed === undefined ? {} : { needed }) },
    { file },
    cause,
  );

/** An imported image that belongs to no frame of the dataset. */
export const unknownFrame = (file: string, name: string, why: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_INTERCHANGE_FRAME",
    {
      doing: `Importing ${file}`,
      found: `the image "${name}", ${why}`,
      needed: 'names that end in "episode_<index>/frame_<index>.<ext>", as "pixelvla data export" writes them',
      fix: "Export the frames first, annotate those, and keep their names",
    },
    { file, name },
  );

import { z } from "zod";
import { CACHE_DTYPES } from "./row-codec.ts";

/** `training.cache` of a recipe. */
export const cacheOptionsSchema = z.strictObject({
  prefix: z
    .enum(["disk", "memory", "off"])
    .default("memory")
    .describe(
      "Where the values of the part that does not train are kept, one row a sample: disk is shared between runs and outlives them",
    ),
  maxGb: z.number().positive().default(2).describe("Room for all rows, 1e9 bytes"),
  dtype: z
    .enum(CACHE_DTYPES)
    .default("float32")
    .describe("Kept as; float32 trains to the very bits of a run without cache, the others take half the room"),
  folder: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("Folder on disk, safe to remove at any time; null: pixelvla/prefix in the user's cache folder"),
});

import type { OpenDatasetOptions } from "@pixelvla/data";
import { pixelVlaError } from "@pixelvla/core";

/** Arguments of every verb that reads a dataset. */
export const datasetArgs = {
  dataset: { type: "positional", required: true, description: "Dataset folder (RLDS, LeRobot, LIBERO) or .hdf5 file" },
  split: { type: "string", description: 'Split or slice of one, e.g. "train" or "train[:95%]"' },
  standardisation: { type: "string", description: "bridge, fractal, libero or generic, instead of by dataset" },
  "bridge-frames": {
    type: "string",
    default: "openvla",
    description: "openvla (drop first and last) or octo (drop last)",
  },
} as const;

/** As parsed by citty. */
export interface DatasetArgs {
  readonly dataset: string;
  readonly split?: string | undefined;
  readonly standardisation?: string | undefined;
  readonly "bridge-frames": string;
}

/** Reader options from the command line. @throws PVLA_ARGUMENTS */
export function openOptions(args: DatasetArgs, onDamage: string, signal: AbortSignal): OpenDatasetOptions {
  const bridgeFrames = oneOf("--bridge-frames", args["bridge-frames"], ["openvla", "octo"] as const);
  return {
    onDamage: oneOf("--on-damage", onDamage, ["stop", "skip"] as const),
    signal,
    bridgeFrames,
    ...(args.split !== undefined && { split: args.split }),
    ...(args.standardisation !== undefined && { standardisation: args.standardisation }),
  };
}

/** One of a few words. @throws PVLA_ARGUMENTS */
export function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw pixelVlaError(
    "PVLA_ARGUMENTS",
    { doing: "Reading the command line", found: `${option} is "${value}"`, needed: allowed.join(" or ") },
    { option, value },
  );
}

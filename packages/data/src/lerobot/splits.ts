import { badMetadata } from "../errors.ts";
import { parseSplit } from "../splits.ts";
import { INFO_FILE, type LerobotInfo } from "./info.ts";

/** Listing of a LeRobot dataset: which positions of the episode table, and to which split each belongs. */
export interface LerobotListing {
  readonly positions: Int32Array;
  readonly splitNames: readonly string[];
  splitOf(episodeIndex: number): string;
}

/** Applies the splits of info.json (`"train": "0:100"`, half-open episode indices) and the caller's choice among them. */
export function listPositions(
  info: LerobotInfo,
  episodeIndices: Int32Array,
  asked: string | undefined,
  dataset: string,
): LerobotListing {
  const ranges = Object.entries(info.splits).map(([name, text]) => {
    const match = /^\s*(\d+)\s*:\s*(\d+)\s*$/.exec(text);
    if (!match)
      throw badMetadata(INFO_FILE, `split "${name}" given as ${JSON.stringify(text)}`, { needed: '"from:to"' });
    return { name, from: Number(match[1]), to: Number(match[2]) };
  });
  const splits = ranges.length > 0 ? ranges : [{ name: "train", from: 0, to: Infinity }];
  const members = splits.map(({ name, from, to }) => {
    const positions: number[] = [];
    episodeIndices.forEach((index, position) => {
      if (index >= from && index < to) positions.push(position);
    });
    return { name, positions };
  });
  const sizes = members.map(({ name, positions }) => ({ name, nEpisodes: positions.length }));
  const everything = asked === undefined;
  const chosen = parseSplit(asked, sizes, dataset).flatMap(({ name, start, end }) =>
    members.find((member) => member.name === name)!.positions.slice(start, end),
  );
  return {
    positions: everything ? Int32Array.from(episodeIndices.keys()) : Int32Array.from(chosen),
    splitNames: splits.map(({ name }) => name),
    splitOf: (index) => splits.find(({ from, to }) => index >= from && index < to)?.name ?? "",
  };
}

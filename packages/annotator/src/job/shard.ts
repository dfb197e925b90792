import { badShard } from "../errors.ts";

/** Which part of a dataset's episode list a job annotates: part `index` of `of`, counted from 1. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

export const WHOLE: Shard = { index: 1, of: 1 };

/** Reads `"2/8"`. @throws PVLA_ARGUMENTS */
export function parseShard(text: string): Shard {
  const match = /^(\d+)\/(\d+)$/.exec(text.trim());
  const shard = { index: Number(match?.[1]), of: Number(match?.[2]) };
  if (match === null || shard.index < 1 || shard.index > shard.of) throw badShard(text);
  return shard;
}

/** Positions `[start, end)` of a shard. Shards are contiguous, so that the reels of close frames are cut as seldom as possible. */
export function shardRange({ index, of }: Shard, nEpisodes: number): { readonly start: number; readonly end: number } {
  return { start: Math.floor(((index - 1) * nEpisodes) / of), end: Math.floor((index * nEpisodes) / of) };
}

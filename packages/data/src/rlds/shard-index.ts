import { PixelVlaError } from "@pixelvla/core";
import { featureMismatch } from "../errors.ts";
import type { Shard } from "./dataset-info.ts";
import type { Feature } from "./example.ts";
import type { RldsLayout } from "./layout.ts";
import { RldsRecord } from "./record.ts";
import { readSparse } from "./sparse-summary.ts";
import { HEADER_BYTES, readRecord, recordPlaces, type RecordFile, type RecordPlace } from "./tfrecord.ts";

/** Smaller payloads are read whole, which also verifies their checksum. */
const SPARSE_ABOVE_BYTES = 256 * 1024;

/** Where the records of a shard begin, found once; 16 bytes an episode. */
export interface ShardPlaces {
  readonly offsets: Float64Array;
  readonly lengths: Float64Array;
  /** Why the walk ended before the promised number of records. */
  readonly damage: PixelVlaError | undefined;
}

/** Walks a shard's record headers. Damage ends the walk and is kept beside what was found before it. */
export async function indexShard(file: RecordFile, shard: Shard, signal?: AbortSignal): Promise<ShardPlaces> {
  const offsets: number[] = [];
  const lengths: number[] = [];
  let damage: PixelVlaError | undefined;
  try {
    for await (const { offset, length } of recordPlaces(file)) {
      signal?.throwIfAborted();
      offsets.push(offset);
      lengths.push(length);
    }
    if (offsets.length !== shard.nEpisodes) damage = wrongCount(shard, offsets.length);
  } catch (error) {
    if (!(error instanceof PixelVlaError)) throw error;
    damage = error;
  }
  return { offsets: Float64Array.from(offsets), lengths: Float64Array.from(lengths), damage };
}

/** Frame count and instruction of one record, reading as little as possible. */
export async function summarise(file: RecordFile, place: RecordPlace, layout: RldsLayout) {
  const instructionSpecs = layout.instructionKeys.map((key) => (layout.steps.get(key) ?? layout.episode.get(key))!);
  const wanted = new Set([layout.counter.key, ...instructionSpecs.map(({ key }) => key)]);
  const features = place.length > SPARSE_ABOVE_BYTES ? await readSparse(file, place, wanted) : undefined;
  const counted = features?.get(layout.counter.key);
  const width = layout.counter.shape.reduce((a, b) => a * b, 1);
  if (!features || !counted || counted.kind === "none" || counted.values.length % width !== 0) {
    const payloadPlace = { file: file.name, offset: place.offset + HEADER_BYTES };
    const record = new RldsRecord(await readRecord(file, place), layout, payloadPlace);
    return { nFrames: record.nFrames, task: record.task };
  }
  return {
    nFrames: counted.values.length / width,
    task: instructionSpecs.map(({ key }) => firstText(features.get(key))).find((text) => text !== "") ?? "",
  };
}

function firstText(feature: Feature | undefined): string {
  if (feature?.kind !== "bytes") return "";
  const value = feature.values.find(({ length }) => length > 0);
  return value ? Buffer.from(value).toString("utf8") : "";
}

function wrongCount(shard: Shard, found: number): PixelVlaError {
  return featureMismatch(
    { file: shard.file },
    { feature: "shardLengths", found: `${found} records`, needed: `${shard.nEpisodes} as dataset_info.json says` },
  );
}

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { badMetadata, missingFile } from "../errors.ts";
import { TextPool, type EpisodeTable } from "./episode-table.ts";
import { camerasOf, fillTemplate, type LerobotInfo } from "./info.ts";
import { ParquetTable } from "./parquet-table.ts";

const FOLDER = "meta/episodes";
const NUMBERS = ["episode_index", "length", "data/chunk_index", "data/file_index", "dataset_from_index"] as const;

/** One camera's columns of the episode table. */
interface VideoColumns {
  readonly chunk: Int32Array;
  readonly file: Int32Array;
  readonly fromS: Float64Array;
}

/**
 * Reads the episode table of version 3.x: only the columns that place episodes, never the statistics beside them.
 *
 * @throws PVLA_DATA_PARQUET, PVLA_DATA_METADATA, PVLA_DATA_MISSING_FILE
 */
export async function readEpisodesV3(root: string, info: LerobotInfo): Promise<EpisodeTable> {
  const cameras = camerasOf(info).filter(({ key }) => info.features[key]?.dtype === "video");
  const names: string[] = [...NUMBERS];
  for (const { key } of cameras)
    names.push(`videos/${key}/chunk_index`, `videos/${key}/file_index`, `videos/${key}/from_timestamp`);
  const parts = new Map<string, Float64Array[]>(names.map((name) => [name, []]));
  const taskIds: number[] = [];
  const pool = new TextPool();
  for (const name of await episodeFiles(root)) {
    const table = await ParquetTable.open(join(root, name), name);
    try {
      for (const column of names) {
        const values = await table.read(column, 0, table.nRows);
        parts.get(column)!.push(Float64Array.from(values, Number));
      }
      const tasks = table.columns.includes("tasks") ? await table.read("tasks", 0, table.nRows) : [];
      for (let i = 0; i < table.nRows; i++) taskIds.push(pool.id(firstText(tasks[i])));
    } finally {
      await table.close();
    }
  }
  return tableOf(
    info,
    new Map(
      [...parts, ["task", [Float64Array.from(taskIds)]] as const].map(([column, chunks]) => [column, join64(chunks)]),
    ),
    pool.texts,
    cameras.map(({ key }) => key),
  );
}

async function episodeFiles(root: string): Promise<string[]> {
  const chunks = await readdir(join(root, FOLDER)).catch(() => {
    throw missingFile(FOLDER, "which every LeRobot 3.x dataset has");
  });
  const files: string[] = [];
  for (const chunk of chunks.filter((name) => name.startsWith("chunk-")).sort(byNumber)) {
    const names = await readdir(join(root, FOLDER, chunk));
    const parquet = names.filter((name) => name.endsWith(".parquet")).sort(byNumber);
    files.push(...parquet.map((name) => `${FOLDER}/${chunk}/${name}`));
  }
  if (files.length === 0)
    throw missingFile(`${FOLDER}/chunk-000/file-000.parquet`, "which every LeRobot 3.x dataset has");
  return files;
}

function tableOf(
  info: LerobotInfo,
  parts: ReadonlyMap<string, Float64Array>,
  tasks: readonly string[],
  cameras: readonly string[],
): EpisodeTable {
  const { ints, floats } = inEpisodeOrder(parts);
  const [episodeIndices, nFrames, chunk, file] = NUMBERS.slice(0, 4).map(ints) as [
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  const double = episodeIndices.find((index, i) => index === episodeIndices[i + 1]);
  if (double !== undefined) throw badMetadata(FOLDER, `episode ${double} twice`);
  const from = floats("dataset_from_index");
  const fileKey = (position: number) => chunk[position]! * 2 ** 20 + file[position]!;
  const base = new Map<number, number>();
  for (let i = 0; i < from.length; i++) base.set(fileKey(i), Math.min(base.get(fileKey(i)) ?? Infinity, from[i]!));
  const videos = new Map<string, VideoColumns>();
  for (const key of cameras)
    videos.set(key, {
      chunk: ints(`videos/${key}/chunk_index`),
      file: ints(`videos/${key}/file_index`),
      fromS: floats(`videos/${key}/from_timestamp`),
    });
  const sortedTaskIds = ints("task");
  const dataFiles = new Map<number, string>(); // few files for many episodes
  const dataFile = (position: number) => {
    const key = fileKey(position);
    let name = dataFiles.get(key);
    if (name === undefined) {
      name = fillTemplate(info.dataPath, { chunk_index: chunk[position]!, file_index: file[position]! });
      dataFiles.set(key, name);
    }
    return name;
  };
  return {
    episodeIndices,
    nFrames,
    task: (position) => tasks[sortedTaskIds[position]!]!,
    place: (position) => ({
      dataFile: dataFile(position),
      rowStart: from[position]! - base.get(fileKey(position))!,
      video(camera) {
        const columns = videos.get(camera)!;
        const place = { video_key: camera, chunk_index: columns.chunk[position]!, file_index: columns.file[position]! };
        return { file: fillTemplate(info.videoPath ?? "", place), fromS: columns.fromS[position]! };
      },
    }),
    *dataFiles() {
      const seen = new Set<number>();
      for (let i = 0; i < from.length; i++) {
        if (seen.has(fileKey(i))) continue;
        seen.add(fileKey(i));
        yield dataFile(i);
      }
    },
  };
}

/** Columns by ascending episode index; written files nearly always have that order already. */
function inEpisodeOrder(parts: ReadonlyMap<string, Float64Array>) {
  const indices = parts.get("episode_index")!;
  let isSorted = true;
  for (let i = 1; i < indices.length && isSorted; i++) isSorted = indices[i - 1]! <= indices[i]!;
  const order = isSorted ? undefined : Int32Array.from(indices.keys()).sort((a, b) => indices[a]! - indices[b]!);
  const floats = (name: string): Float64Array => {
    const column = parts.get(name)!;
    return order ? Float64Array.from(order, (i) => column[i]!) : column;
  };
  return { floats, ints: (name: string) => new Int32Array(floats(name)) };
}

function join64(chunks: readonly Float64Array[]): Float64Array {
  const joined = new Float64Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}

function firstText(value: unknown): string {
  if (typeof value === "string") return value;
  const first: unknown = Array.isArray(value) ? value[0] : undefined;
  return typeof first === "string" ? first : "";
}

const byNumber = (a: string, b: string) => a.localeCompare(b, "en", { numeric: true });

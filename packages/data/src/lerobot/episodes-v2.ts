import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { badMetadata, missingFile } from "../errors.ts";
import { TextPool, type EpisodeTable } from "./episode-table.ts";
import { fillTemplate, type LerobotInfo } from "./info.ts";

const FILE = "meta/episodes.jsonl";

const lineSchema = z.object({
  episode_index: z
    .int()
    .nonnegative()
    .max(2 ** 31 - 1),
  length: z
    .int()
    .nonnegative()
    .max(2 ** 31 - 1),
  tasks: z.union([z.array(z.string()), z.string().transform((task) => [task])]).default([]),
});

/** Reads the episode list of versions 2.0 and 2.1, line by line. @throws PVLA_DATA_METADATA naming the line */
export async function readEpisodesV2(root: string, info: LerobotInfo): Promise<EpisodeTable> {
  const rows: { index: number; nFrames: number; taskId: number }[] = [];
  const pool = new TextPool();
  let line = 0;
  const input = createReadStream(join(root, FILE), { encoding: "utf8" });
  const opened = new Promise<void>((resolve, reject) => input.once("open", () => resolve()).once("error", reject));
  await opened.catch(() => {
    throw missingFile(FILE, "which every LeRobot 2.x dataset has");
  });
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    line++;
    if (text.trim() === "") continue;
    const row = parseLine(text, line);
    rows.push({ index: row.episode_index, nFrames: row.length, taskId: pool.id(row.tasks[0] ?? "") });
  }
  rows.sort((a, b) => a.index - b.index);
  const double = rows.find((row, i) => row.index === rows[i + 1]?.index);
  if (double) throw badMetadata(FILE, `episode ${double.index} twice`);
  return tableOf(info, rows, pool.texts);
}

function parseLine(text: string, line: number): z.output<typeof lineSchema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw badMetadata(`${FILE}, line ${line}`, `no valid JSON: ${String(cause)}`, {}, cause);
  }
  const parsed = lineSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw badMetadata(`${FILE}, line ${line}`, z.prettifyError(parsed.error).replaceAll("\n", " "));
}

function tableOf(
  info: LerobotInfo,
  rows: readonly { index: number; nFrames: number; taskId: number }[],
  tasks: readonly string[],
): EpisodeTable {
  const episodeIndices = Int32Array.from(rows, ({ index }) => index);
  const taskIds = Int32Array.from(rows, ({ taskId }) => taskId);
  const file = (template: string, index: number, videoKey: string) =>
    fillTemplate(template, {
      episode_chunk: Math.floor(index / info.chunksSize),
      episode_index: index,
      video_key: videoKey,
    });
  return {
    episodeIndices,
    nFrames: Int32Array.from(rows, ({ nFrames }) => nFrames),
    task: (position) => tasks[taskIds[position]!]!,
    place: (position) => ({
      dataFile: file(info.dataPath, episodeIndices[position]!, ""),
      rowStart: 0,
      video: (camera) => ({ file: file(info.videoPath ?? "", episodeIndices[position]!, camera), fromS: 0 }),
    }),
    *dataFiles() {
      for (const index of episodeIndices) yield file(info.dataPath, index, "");
    },
  };
}

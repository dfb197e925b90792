import { readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { checkpointName, findLatestCheckpoint, listCheckpoints } from "@pixelvla/jobs";
import type { RunCheckpoint, RunCommand, RunDetail, RunFile, RunState } from "@pixelvla/studio-contract";
import { fileInside } from "./run-files.ts";
import type { RunRecord } from "./run-record.ts";

const MAX_FILES = 2000;

/** Which commands make sense in a state. */
export function commandsIn(state: RunState): RunCommand[] {
  if (state === "running") return ["pause", "stop"];
  if (state === "paused") return ["resume", "stop"];
  if (state === "queued") return ["stop"];
  return state === "stopped" || state === "failed" || state === "lost" ? ["resume"] : [];
}

/** Everything of one run but its curves. */
export async function runDetail(record: RunRecord): Promise<RunDetail> {
  const { dir } = record.place;
  const [files, configText] = await Promise.all([listFiles(dir), record.configText()]);
  return {
    ...record.row,
    configText,
    config: record.config,
    checkpoints: checkpointsOf(dir),
    files,
    metricKeys: record.metricKeys,
    commands: commandsIn(record.row.state),
  };
}

function checkpointsOf(dir: string): RunCheckpoint[] {
  const latest = findLatestCheckpoint(dir)?.step;
  return listCheckpoints(dir).map(({ step, bytes, savedAt }) => ({
    name: checkpointName(step),
    step,
    sizeBytes: bytes,
    savedAt,
    isLatest: step === latest,
  }));
}

/** Files below `dir`, links left out, at most 2,000. */
async function listFiles(dir: string): Promise<RunFile[]> {
  const found: RunFile[] = [];
  const folders = [dir];
  for (let folder = folders.pop(); folder !== undefined && found.length < MAX_FILES; folder = folders.pop()) {
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      const path = join(folder, entry.name);
      if (entry.name.startsWith(".")) continue;
      if (entry.isDirectory()) folders.push(path);
      if (!entry.isFile() || found.length >= MAX_FILES) continue;
      const inside = await fileInside(folder, entry.name);
      if (inside === undefined) continue;
      const { sizeBytes, mtimeMs } = inside.mark;
      found.push({
        path: relative(dir, path).split(sep).join("/"),
        sizeBytes,
        changedAt: new Date(mtimeMs).toISOString(),
      });
    }
  }
  return found.sort((a, b) => a.path.localeCompare(b.path, "en", { numeric: true }));
}

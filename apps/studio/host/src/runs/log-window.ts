import { JOB_FILES } from "@pixelvla/jobs";
import type { LogWindow } from "@pixelvla/studio-contract";
import { fileInside, readWindow } from "./run-files.ts";

/** The last `maxBytes` of a run's log before byte `before` (default: its end), beginning with a whole line where there is one. */
export async function logWindow(dir: string, maxBytes: number, before?: number): Promise<LogWindow> {
  const log = await fileInside(dir, JOB_FILES.log);
  if (log === undefined) return { text: "", start: 0, end: 0, sizeBytes: 0 };
  const end = Math.min(before ?? Infinity, log.mark.sizeBytes);
  const from = Math.max(0, end - maxBytes);
  const bytes = await readWindow(log.path, from, end);
  const newline = from === 0 ? -1 : bytes.indexOf(10);
  const cut = newline >= 0 && newline + 1 < bytes.length ? newline + 1 : 0;
  return { text: bytes.subarray(cut).toString("utf8"), start: from + cut, end, sizeBytes: log.mark.sizeBytes };
}

import { open, stat, type FileHandle } from "node:fs/promises";
import { metricsRowSchema, type MetricsCursor, type MetricsPage, type MetricsRow } from "./metrics.ts";
import { jobPaths } from "./paths.ts";

const PAGE_BYTES = 4 << 20;

/**
 * Reads the metrics of the job in `dir` that were written since `cursor` (from the start without one). A last line
 * that is still being written waits for the next read.
 */
export async function readMetrics(dir: string, cursor?: MetricsCursor): Promise<MetricsPage> {
  const file = await open(jobPaths(dir).metrics, "r").catch(() => undefined);
  if (file === undefined) {
    return { rows: [], cursor: { offset: 0, file: "" }, reset: cursor !== undefined && cursor.offset > 0, more: false };
  }
  try {
    const { ino, dev, size } = await file.stat({ bigint: true });
    const identity = `${dev}-${ino}`;
    const same = cursor?.file === identity && cursor.offset <= Number(size);
    const start = same ? cursor.offset : 0;
    const bytes = await readRange(file, start, Math.min(PAGE_BYTES, Number(size) - start));
    const end = bytes.lastIndexOf(0x0a) + 1;
    return {
      rows: parseRows(bytes.subarray(0, end).toString("utf8")),
      cursor: { offset: start + end, file: identity },
      reset: cursor !== undefined && cursor.offset > 0 && !same,
      more: start + bytes.length < Number(size) && end > 0,
    };
  } finally {
    await file.close();
  }
}

/** Parses whole lines; one that is no row (a kill in the middle of a line, then a resume) is passed over. */
export function parseRows(text: string): MetricsRow[] {
  const rows: MetricsRow[] = [];
  for (const line of text.split("\n")) {
    if (line === "") continue;
    try {
      const row = metricsRowSchema.safeParse(JSON.parse(line));
      if (row.success) rows.push(row.data);
    } catch {
      continue;
    }
  }
  return rows;
}

/** The end of `log.txt` as text. */
export interface LogTail {
  readonly text: string;
  /** Pass to `readLog` to go on from here. */
  readonly offset: number;
}

/** Last `maxBytes` of the job's log, cut at a line. */
export async function tailLog(dir: string, maxBytes = 64 << 10): Promise<LogTail> {
  const size = await stat(jobPaths(dir).log).then(
    (s) => s.size,
    () => 0,
  );
  const start = Math.max(0, size - maxBytes);
  const { text, offset } = await readLog(dir, start);
  return { text: start === 0 ? text : text.slice(text.indexOf("\n") + 1), offset };
}

/** The log from byte `offset` on, at most 4 MB of it. An offset past the end (a replaced log) starts over. */
export async function readLog(dir: string, offset: number): Promise<LogTail> {
  const file = await open(jobPaths(dir).log, "r").catch(() => undefined);
  if (file === undefined) return { text: "", offset: 0 };
  try {
    const { size } = await file.stat();
    const start = offset <= size ? offset : 0;
    const bytes = await readRange(file, start, Math.min(PAGE_BYTES, size - start));
    return { text: bytes.toString("utf8"), offset: start + bytes.length };
  } finally {
    await file.close();
  }
}

async function readRange(file: FileHandle, start: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, start + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

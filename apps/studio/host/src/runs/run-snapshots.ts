import { readFile, stat } from "node:fs/promises";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { jobStatusSchema, writeFileAtomic, type JobStatus } from "@pixelvla/jobs";
import type { RecipeDifference } from "./recipe-base.ts";
import type { FileMark } from "./run-files.ts";

/** What was read of one job directory, and at which size and time of each file. */
export interface RunSnapshot {
  /** Change time of the directory itself, milliseconds. */
  readonly folderMtimeMs: number;
  /** Whether jobs lie below it. */
  readonly hasCells: boolean;
  readonly marks: Readonly<Record<string, FileMark>>;
  readonly status: JobStatus | undefined;
  readonly config: unknown;
  readonly latest: Readonly<Record<string, number>>;
  readonly metricKeys: readonly string[];
  readonly difference: RecipeDifference;
}

const VERSION = 1;
/** Fewer runs are read faster than a file of them is worth. */
const MIN_RUNS = 20;
const MAX_FILE_BYTES = 128 << 20;

/**
 * What the host knew of the job directories when it ended, in the workspace's cache: parsing the configurations of 1,000 runs takes
 * seconds. Safe to delete at any time; absent, damaged or of another version it is as good as none.
 */
export class RunSnapshots {
  readonly #file: string;
  #kept: Promise<ReadonlyMap<string, RunSnapshot>> | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** By real path of the directory. */
  read(): Promise<ReadonlyMap<string, RunSnapshot>> {
    return (this.#kept ??= this.#readNow());
  }

  /** Replaces the file; a disk that refuses costs only the next start's time. */
  write(runs: ReadonlyMap<string, RunSnapshot>): void {
    if (runs.size < MIN_RUNS) return;
    try {
      const text = JSON.stringify({ version: VERSION, runs: Object.fromEntries(runs) });
      if (text.length > MAX_FILE_BYTES) return;
      mkdirSync(dirname(this.#file), { recursive: true });
      writeFileAtomic(this.#file, text);
    } catch {
      return;
    }
  }

  async #readNow(): Promise<ReadonlyMap<string, RunSnapshot>> {
    try {
      if ((await stat(this.#file)).size > MAX_FILE_BYTES) return new Map();
      const document = JSON.parse(await readFile(this.#file, "utf8")) as { version?: unknown; runs?: unknown };
      if (document.version !== VERSION || !isObject(document.runs)) return new Map();
      return new Map(Object.entries(document.runs).filter((run): run is [string, RunSnapshot] => isSnapshot(run[1])));
    } catch {
      return new Map(); // the directories have it all
    }
  }
}

/** By hand: a schema takes a tenth of a second over 1,000 of them. */
function isSnapshot(value: unknown): value is RunSnapshot {
  if (!isObject(value)) return false;
  const { folderMtimeMs, hasCells, marks, status, latest, metricKeys, difference } = value;
  const isMark = (mark: unknown) => isObject(mark) && isNumber(mark["sizeBytes"]) && isNumber(mark["mtimeMs"]);
  return (
    isNumber(folderMtimeMs) &&
    typeof hasCells === "boolean" &&
    isObject(marks) &&
    Object.values(marks).every(isMark) &&
    (status === undefined || jobStatusSchema.safeParse(status).success) &&
    isObject(latest) &&
    Object.values(latest).every(isNumber) &&
    areTexts(metricKeys) &&
    isObject(difference) &&
    typeof difference["base"] === "string" &&
    areTexts(difference["changes"])
  );
}

const isNumber = (value: unknown) => typeof value === "number";
const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === "object" && !Array.isArray(value);
const areTexts = (value: unknown) => Array.isArray(value) && value.every((text) => typeof text === "string");

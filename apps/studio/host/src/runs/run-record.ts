import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { ACTIVE_STATES, JOB_FILES, jobStatusSchema, observeState, type JobStatus } from "@pixelvla/jobs";
import type { Problem, RunRow } from "@pixelvla/studio-contract";
import { parse } from "yaml";
import { textAt } from "./config-tree.ts";
import { NO_DIFFERENCE, type RecipeBase, type RecipeDifference } from "./recipe-base.ts";
import { fileInside, lastJsonLine, type FileMark } from "./run-files.ts";
import type { RunSnapshot } from "./run-snapshots.ts";

/** Larger documents are not configurations. */
const MAX_DOCUMENT_BYTES = 1 << 20;

/** Where a job directory lies and what it is called. */
export interface RunPlace {
  readonly runId: string;
  readonly name: string;
  /** Relative to the workspace. */
  readonly path: string;
  /** Real path. */
  readonly dir: string;
}

/** What is known of one job directory, read again only where its files changed. */
export class RunRecord {
  readonly place: RunPlace;
  readonly #base: RecipeBase;
  status: JobStatus | undefined;
  config: unknown;
  /** Whether the row would come out different although no file changed. */
  isStale = false;
  /** Numbers of the last row of the metrics. */
  latest: Readonly<Record<string, number>> = {};
  /** Metrics besides the two axes. */
  metricKeys: readonly string[] = [];
  /** Real path of the metrics file, where there is one. */
  metricsPath: string | undefined;
  #difference: RecipeDifference = NO_DIFFERENCE;
  #problem: Problem | undefined;
  readonly #marks = new Map<string, FileMark>();
  #row: RunRow | undefined;
  #told = "";

  /** @param snapshot what an earlier host knew; files that have not changed since are not read again */
  constructor(place: RunPlace, base: RecipeBase, snapshot?: RunSnapshot) {
    this.#base = base;
    this.place = place;
    if (snapshot === undefined) return;
    this.status = snapshot.status;
    this.config = snapshot.config;
    this.latest = snapshot.latest;
    this.metricKeys = snapshot.metricKeys;
    this.#difference = snapshot.difference;
    for (const [name, mark] of Object.entries(snapshot.marks)) this.#marks.set(name, mark);
    if (this.#marks.has(JOB_FILES.metrics)) this.metricsPath = join(place.dir, JOB_FILES.metrics); // never a path that a file names
    this.#compare();
  }

  /** Whether something is expected to happen in the directory. */
  get isActive(): boolean {
    return this.status === undefined || this.status.state === "queued" || ACTIVE_STATES.has(this.status.state);
  }

  /** Looks at the files; true when the row came out different. */
  async refresh(): Promise<boolean> {
    await this.#onChange(JOB_FILES.status, async (path) => {
      try {
        this.status = jobStatusSchema.parse(JSON.parse(await readFile(path, "utf8")));
        this.#problem = undefined;
      } catch {
        this.#problem = { code: "PVLA_JOB_FILE", message: `Reading ${this.place.path}: its status.json is damaged.` };
      }
    });
    await this.#onChange(JOB_FILES.config, async (path) => {
      try {
        this.config = parse(await readFile(path, "utf8"), { maxAliasCount: 100, logLevel: "error" }) as unknown;
      } catch {
        this.config = undefined;
      }
      this.#compare();
    });
    await this.#onChange(JOB_FILES.metrics, async (path, { sizeBytes }) => {
      const row = (await lastJsonLine(path, sizeBytes)) ?? {};
      this.metricsPath = path;
      this.metricKeys = metricKeysOf(row);
      this.latest = Object.fromEntries(
        Object.entries(row).filter((pair): pair is [string, number] => typeof pair[1] === "number"),
      );
    });
    this.isStale = false;
    this.#row = this.#makeRow();
    const told = JSON.stringify(this.#row);
    const isChanged = told !== this.#told;
    this.#told = told;
    return isChanged;
  }

  /** The row as of the last refresh. */
  get row(): RunRow {
    return (this.#row ??= this.#makeRow());
  }

  /** `config.yaml` as it stands. */
  async configText(): Promise<string> {
    const found = await fileInside(this.place.dir, JOB_FILES.config);
    if (found === undefined || found.mark.sizeBytes > MAX_DOCUMENT_BYTES) return "";
    return readFile(found.path, "utf8").catch(() => ""); // replaced meanwhile
  }

  /** What to keep for the next host; undefined where a file could not be read. */
  snapshot(folder: Pick<RunSnapshot, "folderMtimeMs" | "hasCells">): RunSnapshot | undefined {
    const { place, status, config, latest, metricsPath } = this;
    if (this.#problem !== undefined) return undefined;
    const { [JOB_FILES.metrics]: metrics, ...others } = Object.fromEntries(this.#marks);
    const isLink = metricsPath !== join(place.dir, JOB_FILES.metrics);
    const marks = metrics === undefined || isLink ? others : { ...others, [JOB_FILES.metrics]: metrics };
    return { ...folder, marks, status, config, latest, metricKeys: this.metricKeys, difference: this.#difference };
  }

  /** Asks how the recipe differs from its base: on the row at the next look. */
  #compare(): void {
    void this.#base.difference(this.config, this.#difference).then((found) => {
      if (found === this.#difference) return;
      this.#difference = found;
      this.isStale = true;
    });
  }

  async #onChange(name: string, read: (path: string, mark: FileMark) => Promise<void>): Promise<void> {
    const found = await fileInside(this.place.dir, name);
    const before = this.#marks.get(name);
    if (found?.mark.sizeBytes === before?.sizeBytes && found?.mark.mtimeMs === before?.mtimeMs) return;
    if (found === undefined) this.#marks.delete(name);
    else this.#marks.set(name, found.mark);
    const isDocument = name !== JOB_FILES.metrics;
    if (found === undefined || (isDocument && found.mark.sizeBytes > MAX_DOCUMENT_BYTES)) return;
    await read(found.path, found.mark).catch(() => this.#marks.delete(name)); // replaced while being read: next time
  }

  #makeRow(): RunRow {
    const { runId, name, path } = this.place;
    const { status, config } = this;
    const progress = status?.progress;
    const dataset = textAt(config, "dataset");
    return {
      runId,
      name,
      path,
      kind: status?.kind ?? "train",
      state: status === undefined ? "lost" : observeState(status),
      progress:
        progress?.total === undefined
          ? undefined
          : {
              done: progress.done,
              total: progress.total ?? 0,
              unit: progress.unit,
              ratePerS: progress.ratePerS ?? 0,
              etaS: progress.etaS ?? undefined,
            },
      startedAt: status?.startedAt ?? status?.createdAt,
      heartbeatAt: status?.heartbeatAt,
      host: status?.host,
      recipe: textAt(config, "recipe.name", "name"),
      dataset: dataset === undefined ? undefined : basename(dataset),
      device: textAt(config, "recipe.training.provider"),
      changes: this.#difference.changes,
      latest: this.latest,
      problem: status?.error == null ? this.#problem : { code: status.error.code, message: status.error.message },
    };
  }
}

/** Keys of a row's numbers besides the two axes; null is a number that was not finite. */
function metricKeysOf(row: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(row).filter(
    (key) => key !== "step" && key !== "timeS" && (typeof row[key] === "number" || row[key] === null),
  );
}

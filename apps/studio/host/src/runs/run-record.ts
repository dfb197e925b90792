import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { JOB_FILES, jobStatusSchema, observeState, type JobStatus } from "@pixelvla/jobs";
import type { Problem, RunRow } from "@pixelvla/studio-contract";
import { parse } from "yaml";
import { textAt } from "./config-tree.ts";
import type { RecipeBase } from "./recipe-base.ts";
import { fileInside, lastJsonLine, type FileMark } from "./run-files.ts";

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
  configText = "";
  config: unknown;
  latest: Readonly<Record<string, number>> = {};
  #changes: readonly string[] = [];
  #problem: Problem | undefined;
  readonly #marks = new Map<string, FileMark | undefined>();
  #row: RunRow | undefined;

  constructor(place: RunPlace, base: RecipeBase) {
    this.#base = base;
    this.place = place;
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
      this.configText = await readFile(path, "utf8");
      try {
        this.config = parse(this.configText, { maxAliasCount: 100, logLevel: "error" }) as unknown;
      } catch {
        this.config = undefined;
      }
      void this.#base.changes(this.config).then((changes) => (this.#changes = changes)); // on the row at the next look
    });
    await this.#onChange(JOB_FILES.metrics, async (path, { sizeBytes }) => {
      const row = (await lastJsonLine(path, sizeBytes)) ?? {};
      this.latest = Object.fromEntries(
        Object.entries(row).filter((pair): pair is [string, number] => typeof pair[1] === "number"),
      );
    });
    const row = this.#makeRow();
    const isChanged = JSON.stringify(row) !== JSON.stringify(this.#row);
    this.#row = row;
    return isChanged;
  }

  /** The row as of the last refresh. */
  get row(): RunRow {
    return (this.#row ??= this.#makeRow());
  }

  async #onChange(name: string, read: (path: string, mark: FileMark) => Promise<void>): Promise<void> {
    const found = await fileInside(this.place.dir, name);
    const before = this.#marks.get(name);
    if (found?.mark.sizeBytes === before?.sizeBytes && found?.mark.mtimeMs === before?.mtimeMs) return;
    this.#marks.set(name, found?.mark);
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
      changes: this.#changes,
      latest: this.latest,
      problem: status?.error == null ? this.#problem : { code: status.error.code, message: status.error.message },
    };
  }
}

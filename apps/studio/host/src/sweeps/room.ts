import { join } from "node:path";
import { observeState, readStatus } from "@pixelvla/jobs";
import type {
  AblationCell,
  AblationTable,
  ReportFormat,
  SweepService,
  SweepTaskState,
} from "@pixelvla/studio-contract";
import {
  csvReport,
  latexReport,
  markdownReport,
  readSweepRecord,
  sweepReport,
  type ReportCell,
  type SweepReport,
} from "@pixelvla/sweeps";
import type { DatasetCatalog } from "../datasets/catalog.ts";
import { commandRefused } from "../errors.ts";
import type { RunCatalog } from "../runs/catalog.ts";
import { spawnDetached } from "../runs/detached.ts";
import { commandOf, type LaunchMeans } from "../runs/launcher.ts";
import type { RecipeThread } from "../runs/recipe-thread.ts";
import type { Workspace } from "../workspace.ts";
import { SweepLauncher } from "./launch-sweep.ts";

const WRITERS: Readonly<Record<ReportFormat, (report: SweepReport) => string>> = {
  markdown: markdownReport,
  latex: latexReport,
  csv: csvReport,
};

/** States in which a sweep may be taken up again. */
const ENDED = new Set(["failed", "stopped", "lost", "done"]);

interface Parts {
  readonly workspace: Workspace;
  readonly datasets: DatasetCatalog;
  readonly runs: RunCatalog;
  /** The thread that composes recipes. */
  readonly recipes: RecipeThread;
  readonly means: LaunchMeans;
}

/** The ablation page over the sweeps of a workspace, and their launch. */
export function createSweepService(parts: Parts): SweepService {
  const { workspace, runs, means } = parts;
  const launcher = new SweepLauncher(parts);
  return {
    files: () => launcher.files(),
    preview: (request) => launcher.preview(request),
    launch: (request) => launcher.launch(request),
    report: async (runId) => {
      const dir = await runs.folderOf(runId);
      const { name, title, description, columns, rows, reference, hasPaper, seeds } = await sweepReport(dir);
      return {
        name,
        title,
        description,
        columns,
        rows: rows.map((row) => ({ ...row, cells: row.cells.map(cellOf) })),
        reference,
        hasPaper,
        seeds,
        tasks: await taskStates(dir, runs),
      } satisfies AblationTable;
    },
    text: async (runId, format) => WRITERS[format](await sweepReport(await runs.folderOf(runId))),
    resubmit: async (runId) => {
      const { place, row } = await runs.get(runId);
      const pixelvla = commandOf(means);
      if (!ENDED.has(row.state)) throw commandRefused("take up failed cells", row.state);
      await spawnDetached([...pixelvla, "sweep", "resume", place.dir], place.dir, workspace.root);
    },
  };
}

function cellOf({ success, n, perSeed, difference, paper, nFaults }: ReportCell): AblationCell {
  const { share, low, high } = success;
  return {
    success: n === 0 ? undefined : { share, low, high },
    n,
    perSeed: perSeed.filter((one) => one.n > 0),
    difference,
    paper,
    nFaults,
  };
}

async function taskStates(dir: string, runs: RunCatalog): Promise<SweepTaskState[]> {
  const { tasks } = readSweepRecord(dir);
  const known = new Set((await runs.all()).map(({ place }) => place.runId));
  return Promise.all(
    tasks.map(async ({ id, kind }): Promise<SweepTaskState> => {
      const own = join(dir, "cells", id);
      const status = await readStatus(own).catch(() => undefined);
      const runId = runs.idOf(own);
      return {
        id,
        kind,
        state: status === undefined ? "not begun" : observeState(status),
        runId: known.has(runId) ? runId : undefined,
        share: status === undefined ? undefined : shareOf(status.progress),
        message: status?.error?.message,
      };
    }),
  );
}

const shareOf = ({ done, total }: { done: number; total: number | null }): number =>
  total === null || total === 0 ? 0 : Math.min(1, done / total);

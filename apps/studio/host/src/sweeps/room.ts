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
import { cannotLaunch, commandRefused } from "../errors.ts";
import type { RunCatalog } from "../runs/catalog.ts";
import { spawnDetached } from "../runs/detached.ts";
import type { LaunchMeans } from "../runs/launcher.ts";
import type { Workspace } from "../workspace.ts";

const WRITERS: Readonly<Record<ReportFormat, (report: SweepReport) => string>> = {
  markdown: markdownReport,
  latex: latexReport,
  csv: csvReport,
};

/** States in which a sweep may be taken up again. */
const ENDED = new Set(["failed", "stopped", "lost", "done"]);

/** The ablation page over the sweeps of a workspace. */
export function createSweepService(workspace: Workspace, runs: RunCatalog, means: LaunchMeans): SweepService {
  return {
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
      const { pixelvla } = means;
      if (!ENDED.has(row.state)) throw commandRefused("take up failed cells", row.state);
      if (pixelvla === undefined)
        throw cannotLaunch(
          "this host was not told where the pixelvla command is",
          "Start the studio with `pixelvla studio`",
        );
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
        message: status?.error?.message,
      };
    }),
  );
}

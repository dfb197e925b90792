import { join } from "node:path";
import type { RunService } from "@pixelvla/studio-contract";
import type { DatasetCatalog } from "../datasets/catalog.ts";
import type { RunFolders } from "../net/run-files.ts";
import type { Workspace } from "../workspace.ts";
import { RunCatalog } from "./catalog.ts";
import { bandsOf, curvesOf } from "./charts.ts";
import { sendCommand } from "./command.ts";
import { differences } from "./config-tree.ts";
import { runDetail } from "./detail.ts";
import { Launcher, type LaunchMeans } from "./launcher.ts";
import { followRun, followRuns } from "./live.ts";
import { logWindow } from "./log-window.ts";
import { MetricsPool } from "./metrics-pool.ts";
import { pageOfRuns } from "./query.ts";
import { RecipeBase } from "./recipe-base.ts";
import { RecipeThread } from "./recipe-thread.ts";
import { RunSnapshots } from "./run-snapshots.ts";

/** From here on whoever opens the studio will look at curves. */
const MANY_RUNS = 50;

/** The Runs room: its procedures, its files, and its end. */
export interface RunRoom extends RunFolders {
  readonly service: RunService;
  /** The job directories, for rooms that look at them otherwise. */
  readonly catalog: RunCatalog;
  /** The thread that composes recipes. */
  readonly recipes: RecipeThread;
  close(): Promise<void>;
}

/** Makes the Runs room over the job directories of a workspace. */
export function createRunRoom(workspace: Workspace, datasets: DatasetCatalog, means: LaunchMeans): RunRoom {
  const recipes = new RecipeThread();
  const snapshots = new RunSnapshots(join(workspace.cacheDir, "runs.json"));
  const catalog = new RunCatalog(workspace, new RecipeBase(workspace, means.recipesDir, recipes), snapshots);
  const pool = new MetricsPool(join(workspace.cacheDir, "metrics"));
  const launcher = new Launcher({ workspace, datasets, catalog, recipes, means });
  // The first look at many runs takes a moment, as does the start of the threads that read their metrics; the page opens a moment later.
  void catalog.all().then((records) => records.length >= MANY_RUNS && pool.start());
  const rows = async () => (await catalog.all()).map(({ row }) => row);
  const service: RunService = {
    list: async (query) => pageOfRuns(await rows(), query),
    ids: async (query) => pageOfRuns(await rows(), query).rows.map(({ runId }) => runId),
    get: async (runId) => runDetail(await catalog.get(runId)),
    keys: async (runIds) => [...new Set((await catalog.some(runIds)).flatMap(({ metricKeys }) => metricKeys))].sort(),
    curves: (query) => curvesOf(catalog, pool, query),
    bands: (query) => bandsOf(catalog, pool, query),
    log: async ({ runId, before, maxBytes }) => logWindow(await catalog.folderOf(runId), maxBytes, before),
    diff: async (runIds) =>
      differences(await Promise.all(runIds.map(async (runId) => (await catalog.get(runId)).config))),
    recipes: () => launcher.recipes(),
    doctor: (request, signal) => launcher.doctor(request, signal),
    launch: (request) => launcher.launch(request),
    clone: (request) => launcher.clone(request),
    command: (runId, command) => sendCommand(catalog, launcher, runId, command),
    changes: (signal) => followRuns(catalog, signal),
    live: (runId, signal) => followRun(catalog, runId, signal),
  };
  return {
    service,
    catalog,
    recipes,
    folderOf: (runId) => catalog.folderOf(runId),
    close: async () => {
      catalog.close();
      await Promise.all([pool.close(), recipes.close()]);
    },
  };
}

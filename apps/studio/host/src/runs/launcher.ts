import { join } from "node:path";
import { JOB_FILES, launchLocal } from "@pixelvla/jobs";
import type { CloneRequest, DoctorCheck, LaunchRequest, RecipeItem } from "@pixelvla/studio-contract";
import type { DatasetCatalog } from "../datasets/catalog.ts";
import { cannotLaunch, doctorFails } from "../errors.ts";
import type { Workspace } from "../workspace.ts";
import type { RunCatalog } from "./catalog.ts";
import { textAt } from "./config-tree.ts";
import { spawnDetached } from "./detached.ts";
import { examine } from "./doctor.ts";
import { findRecipe, findRecipes } from "./recipes.ts";
import type { RunRecord } from "./run-record.ts";
import { resumeArguments, trainArguments, type Overrides } from "./train-command.ts";

/** How the host starts work it does not do itself. */
export interface LaunchMeans {
  /** Program and first arguments of the `pixelvla` command; undefined where this host cannot start jobs. */
  readonly pixelvla: readonly string[] | undefined;
  /** Folder of the recipes that ship with the software. */
  readonly recipesDir: string | undefined;
}

interface Start {
  readonly recipeFile: string;
  readonly dataset: string | undefined;
  readonly name: string;
  readonly overrides: Overrides;
}

/** Launches, resumes and clones training runs. What it starts is detached: it outlives the studio. */
export class Launcher {
  readonly #workspace: Workspace;
  readonly #datasets: DatasetCatalog;
  readonly #catalog: RunCatalog;
  readonly #means: LaunchMeans;

  constructor(workspace: Workspace, datasets: DatasetCatalog, catalog: RunCatalog, means: LaunchMeans) {
    this.#workspace = workspace;
    this.#datasets = datasets;
    this.#catalog = catalog;
    this.#means = means;
  }

  async recipes(): Promise<RecipeItem[]> {
    return (await findRecipes(this.#workspace, this.#means.recipesDir)).map(({ item }) => item);
  }

  /** What would ruin the run, before it starts. @throws PVLA_STUDIO_UNKNOWN */
  async doctor({ recipe, datasetId, overrides }: LaunchRequest): Promise<DoctorCheck[]> {
    const { file } = await findRecipe(this.#workspace, this.#means.recipesDir, recipe);
    return examine({ recipeFile: file, datasetId, overrides }, this.#datasets);
  }

  /** @throws PVLA_STUDIO_UNKNOWN, PVLA_STUDIO_LAUNCH, PVLA_STUDIO_DOCTOR when a check fails and the request does not launch over it */
  async launch(request: LaunchRequest): Promise<{ runId: string }> {
    const { datasetId, overrides, launchOverFail } = request;
    const { file, item } = await findRecipe(this.#workspace, this.#means.recipesDir, request.recipe);
    const dataset = datasetId === undefined ? undefined : (await this.#datasets.open(datasetId)).place.root;
    const checks = await examine({ recipeFile: file, datasetId, overrides }, this.#datasets);
    return this.#start(
      { recipeFile: file, dataset, name: request.name ?? item.name, overrides },
      checks,
      launchOverFail,
    );
  }

  /** Starts the configuration of a run again as a new run, with changes. @throws as `launch` */
  async clone({ runId, name, overrides, launchOverFail }: CloneRequest): Promise<{ runId: string }> {
    const record = await this.#catalog.get(runId);
    const dataset = textAt(record.config, "dataset.path", "dataset");
    if (dataset !== undefined && !(await this.#workspace.allows(dataset)))
      throw cannotLaunch(
        "the run's dataset lies outside this workspace",
        "Link the dataset into datasets/ and launch the recipe on it",
      );
    const recipeFile = join(record.place.dir, JOB_FILES.config);
    const checks = await examine({ recipeFile, datasetId: undefined, overrides }, this.#datasets);
    return this.#start(
      { recipeFile, dataset, name: name ?? `${record.place.name}-copy`, overrides },
      checks,
      launchOverFail,
    );
  }

  /** Starts a worker again on a run whose own is gone; it goes on from the last checkpoint. @throws PVLA_STUDIO_LAUNCH */
  async resume({ place }: RunRecord): Promise<void> {
    await spawnDetached([...this.#command(), ...resumeArguments(place.dir)], place.dir, this.#workspace.root);
  }

  #command(): readonly string[] {
    const { pixelvla } = this.#means;
    if (pixelvla === undefined)
      throw cannotLaunch(
        "this host was not told where the pixelvla command is",
        "Start the studio with `pixelvla studio`",
      );
    return pixelvla;
  }

  #start(
    { recipeFile, dataset, name, overrides }: Start,
    checks: readonly DoctorCheck[],
    launchOverFail: boolean,
  ): { runId: string } {
    const failures = checks.filter(({ level }) => level === "fail").map(({ message }) => message);
    if (failures.length > 0 && !launchOverFail) throw doctorFails(failures);
    const command = this.#command();
    const dir = launchLocal({
      runsDir: this.#workspace.runsDir,
      name,
      kind: "train",
      command: (jobDir) => [...command, ...trainArguments({ recipeFile, dataset, jobDir, overrides })],
      cwd: this.#workspace.root,
      unit: "train steps",
    });
    return { runId: this.#catalog.idOf(dir) };
  }
}

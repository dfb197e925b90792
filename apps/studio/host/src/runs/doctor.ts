import { statSync } from "node:fs";
import { checkDataset, type CheckReport } from "@pixelvla/data";
import type { DoctorCheck, DoctorEvent } from "@pixelvla/studio-contract";
import type { DatasetCatalog } from "../datasets/catalog.ts";
import type { OpenedDataset } from "../datasets/open-dataset.ts";
import { Limiter } from "../limiter.ts";
import { asProblem } from "../problem.ts";
import { runDoctor, type DoctorQuestion } from "./doctor-process.ts";
import type { RecipeThread } from "./recipe-thread.ts";
import { overrideList, type Overrides } from "./train-command.ts";

/** What is to be examined. */
export interface Examined {
  readonly recipeFile: string;
  readonly datasetId: string | undefined;
  readonly overrides: Overrides;
}

interface Parts {
  readonly datasets: DatasetCatalog;
  readonly recipes: RecipeThread;
  /** The `pixelvla` command. @throws PVLA_STUDIO_LAUNCH where this host has none */
  readonly command: () => readonly string[];
  /** Folder the command works in. */
  readonly cwd: string;
}

/** Examinations at once: each is a process that computes. */
const AT_ONCE = 2;
/** Answers kept: launching asks again what the drawer has just shown. */
const KEPT = 16;

/**
 * Says what silently ruins a run before it starts. A recipe that cannot be composed is known within a moment; everything else is the
 * doctor that `pixelvla train` runs before every training.
 */
export class Doctor {
  readonly #parts: Parts;
  readonly #turns = new Limiter(AT_ONCE);
  readonly #answers = new Map<string, readonly DoctorCheck[]>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** What it looks at and has found so far, then everything. Problems are findings, also those of the examination itself. */
  async *examine(examined: Examined, signal: AbortSignal): AsyncGenerator<DoctorEvent> {
    yield { kind: "progress", what: "reading the recipe", checks: [] };
    const recipe = await this.#checkRecipe(examined);
    signal.throwIfAborted();
    if (recipe.some(({ level }) => level === "fail")) {
      yield { kind: "result", checks: recipe };
      return;
    }
    const key = keyOf(examined);
    const leave = await this.#turns.enter();
    let failing = "dataset";
    try {
      const question = await this.#question(examined);
      failing = "doctor";
      yield { kind: "progress", what: "starting the doctor", checks: recipe };
      const steps = runDoctor(this.#parts.command(), question, this.#parts.cwd, signal);
      let step = await steps.next();
      while (step.done !== true) {
        yield { kind: "progress", what: step.value, checks: recipe };
        step = await steps.next();
      }
      const checks = [...recipe, ...step.value];
      this.#keep(key, checks);
      yield { kind: "result", checks };
    } catch (error) {
      signal.throwIfAborted();
      yield { kind: "result", checks: [{ check: failing, level: "fail", ...told(error) }, ...recipe] };
    } finally {
      leave();
    }
  }

  /** All checks; those just shown where nothing has changed since. */
  async checks(examined: Examined): Promise<readonly DoctorCheck[]> {
    const known = this.#answers.get(keyOf(examined));
    if (known !== undefined) return known;
    let checks: readonly DoctorCheck[] = [];
    for await (const event of this.examine(examined, new AbortController().signal)) checks = event.checks;
    return checks;
  }

  async #checkRecipe({ recipeFile, datasetId, overrides }: Examined): Promise<DoctorCheck[]> {
    if (datasetId === undefined) return [NO_DATASET];
    try {
      return [...(await this.#parts.recipes.ask({ kind: "examine", recipeFile, overrides: overrideList(overrides) }))];
    } catch (error) {
      return [{ check: "parts", level: "fail", ...told(error) }];
    }
  }

  async #question({ recipeFile, datasetId = "", overrides }: Examined): Promise<DoctorQuestion> {
    const { place } = await this.#parts.datasets.open(datasetId);
    return { recipeFile, dataset: place.root, overrides: overrideList(overrides) };
  }

  #keep(key: string, checks: readonly DoctorCheck[]): void {
    this.#answers.delete(key);
    this.#answers.set(key, checks);
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= KEPT) break;
      this.#answers.delete(oldest);
    }
  }
}

/** The same for the same recipe text, dataset and changes. */
function keyOf({ recipeFile, datasetId, overrides }: Examined): string {
  const { size, mtimeMs } = statSync(recipeFile);
  return JSON.stringify([recipeFile, size, mtimeMs, datasetId, overrideList(overrides)]);
}

/** Reports of open datasets: a launch asks again what the drawer has just shown. */
const reports = new WeakMap<OpenedDataset, Promise<CheckReport>>();

/** Enough to find what is wrong everywhere; the launch drawer is waiting. */
const EPISODES_READ = 50;

export const NO_DATASET: DoctorCheck = {
  check: "dataset",
  level: "fail",
  message: "No dataset is chosen.",
  fix: "Choose the dataset to train on",
};

/** The data half for a sweep, whose recipes are many: what the doctor of @pixelvla/data finds in a sample of episodes, and whether a policy has a camera to look through. */
export async function examineDataset(datasetId: string, datasets: DatasetCatalog) {
  try {
    const dataset = await datasets.open(datasetId);
    const { info } = dataset.reader;
    const checking = reports.get(dataset) ?? checkDataset(dataset.reader, { maxEpisodes: EPISODES_READ });
    reports.set(dataset, checking);
    const { checks, nEpisodesRead } = await checking;
    const camera: DoctorCheck =
      info.primaryCamera === undefined
        ? { check: "camera", level: "fail", message: `${info.name} has no camera a policy could look through.` }
        : { check: "camera", level: "pass", message: `Policies look through ${info.primaryCamera}.` };
    const opened: DoctorCheck = {
      check: "dataset",
      level: info.nEpisodes === 0 ? "fail" : "pass",
      message: `${info.name} ${info.version} (${info.format}) opens; ${nEpisodesRead} of ${info.nEpisodes} episodes were read.`,
    };
    const found = checks.map(({ name, verdict, reason }): DoctorCheck => ({
      check: name,
      level: verdict,
      message: reason,
    }));
    return { checks: [opened, camera, ...found], actionWidth: info.actionNames.length, name: info.name };
  } catch (error) {
    const check: DoctorCheck = { check: "dataset", level: "fail", ...told(error) };
    return { checks: [check], actionWidth: undefined, name: undefined };
  }
}

function told(error: unknown): { message: string; fix?: string } {
  const { message, fix } = asProblem(error);
  return { message, ...(fix === undefined ? {} : { fix }) };
}

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { plannedGrid, type EpisodeKey } from "@pixelvla/bench";
import { checkRecipe, type RunConfig } from "@pixelvla/training";
import { parseDocument } from "yaml";
import { badSweep, unreadableSweep } from "../errors.ts";
import type { LoadedSweep, SweepArm } from "./sweep-file.ts";
import type { EvaluateTask, PlannedCell, SweepPlan, SweepTask, TrainTask } from "./task.ts";

export interface PlanOptions {
  /** Dataset that every stage trains on. */
  readonly dataset: string;
  /** Threads of one training run. */
  readonly threads: number;
  /** Recipe overrides of every stage and base, `key=value`, after those of the file. */
  readonly overrides?: readonly string[];
}

/**
 * Spells a sweep out. Stages that two arms share (same recipe, settings and seed) are trained once.
 * @throws PVLA_SWEEP for names it does not define, PVLA_CONFIG and what else reading a recipe throws
 */
export function planSweep(loaded: LoadedSweep, options: PlanOptions): SweepPlan {
  return new Planner(loaded, options).plan();
}

class Planner {
  readonly #loaded: LoadedSweep;
  readonly #options: PlanOptions;
  readonly #tasks = new Map<string, SweepTask>();
  /** Tasks by what they do. */
  readonly #byContent = new Map<string, string>();
  readonly #cells: PlannedCell[] = [];

  constructor(loaded: LoadedSweep, options: PlanOptions) {
    this.#loaded = loaded;
    this.#options = options;
  }

  plan(): SweepPlan {
    const { families, arms, seeds } = this.#loaded.sweep;
    this.#checkNames();
    for (const family of Object.keys(families))
      for (const arm of arms) {
        if (arm.families !== undefined && !arm.families.includes(family)) continue;
        if (arm.stages.length === 0) this.#evaluations(family, arm, undefined, this.#base(family));
        else for (const seed of seeds) this.#arm(family, arm, seed);
      }
    return { tasks: [...this.#tasks.values()], cells: this.#cells };
  }

  #checkNames(): void {
    const { sweep } = this.#loaded;
    const { name, arms, families, evaluations, compare, compareEvaluation } = sweep;
    const check = (what: string, wanted: readonly string[], known: readonly string[]) => {
      const unknown = wanted.find((entry) => !known.includes(entry));
      if (unknown !== undefined) throw badSweep(name, `no ${what} is named "${unknown}"`, `one of ${known.join(", ")}`);
    };
    const evaluationNames = evaluations.map((entry) => entry.name);
    for (const arm of arms) {
      check("family", arm.families ?? [], Object.keys(families));
      check("evaluation", arm.evaluations ?? [], evaluationNames);
    }
    const armNames = arms.map((arm) => arm.name);
    if (compare !== null) check("arm", [compare], armNames);
    if (compareEvaluation !== null) check("evaluation", [compareEvaluation], evaluationNames);
    for (const names of [armNames, armNames.map(slug), evaluationNames]) {
      const twice = names.find((entry, i) => names.indexOf(entry) !== i);
      if (twice !== undefined) throw badSweep(name, `two arms or evaluations are named "${twice}"`, "different names");
    }
  }

  /** What the family's arms start from: a checkpoint by name, or a task that trains it. */
  #base(family: string): EvaluateTask["policy"] {
    const { base } = this.#loaded.sweep.families[family]!;
    if ("init" in base) return { init: this.#named(base.init) };
    const config = this.#config(base.recipe, [], base.set, this.#loaded.sweep.seeds[0]!);
    return { task: this.#train(`${family}.base`, config, undefined) };
  }

  #arm(family: string, arm: SweepArm, seed: number): void {
    const { sweep } = this.#loaded;
    const { recipe } = sweep.families[family]!;
    let from = this.#base(family);
    arm.stages.forEach((stage, i) => {
      const settings = { ...sweep.set, ...arm.set, ...stage.set };
      const init = "init" in from ? { "training.init": from.init } : {};
      const config = this.#config(recipe, sweep.without, { ...settings, ...init }, seed);
      const id = `${family}.${slug(arm.name)}.s${seed}.${i + 1}`;
      from = { task: this.#train(id, config, "task" in from ? from.task : undefined) };
    });
    this.#evaluations(family, arm, seed, from);
  }

  #config(
    recipeFile: string,
    without: readonly string[],
    settings: Readonly<Record<string, unknown>>,
    seed: number,
  ): RunConfig {
    const file = resolve(this.#loaded.folder, recipeFile);
    const { threads, dataset, overrides = [] } = this.#options;
    const all = { "training.threads": threads, ...settings, "training.seed": seed };
    const lines = Object.entries(all).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
    const { recipe } = checkRecipe(readRecipe(file, without), undefined, [...lines, ...overrides]);
    return { version: 1, recipeFile: file, dataset: resolve(dataset), recipe: { ...recipe } };
  }

  #train(id: string, config: RunConfig, initFrom: string | undefined): string {
    const task: Omit<TrainTask, "id"> = {
      kind: "train",
      needs: initFrom === undefined ? [] : [initFrom],
      config,
      initFrom,
    };
    return this.#once(id, task);
  }

  #evaluations(family: string, arm: SweepArm, seed: number | undefined, policy: EvaluateTask["policy"]): void {
    const { evaluations, evaluation, columns } = this.#loaded.sweep;
    const episodes = new Map<string, number>();
    for (const column of columns)
      for (const variant of column.variants)
        episodes.set(variant, Math.max(episodes.get(variant) ?? 0, column.episodes ?? evaluation.episodes));
    const { embodiment, tasks, firstSeed, executeSteps, imageSizePx, maskTime } = evaluation;
    for (const { name, maskSource, prompt } of evaluations) {
      if (arm.evaluations !== undefined && !arm.evaluations.includes(name)) continue;
      const id = [family, slug(arm.name), ...(seed === undefined ? [] : [`s${seed}`]), "eval", name].join(".");
      const task = this.#once(id, {
        kind: "evaluate",
        needs: "task" in policy ? [policy.task] : [],
        policy,
        options: { imageSizePx, executeSteps, maskSource, maskTime, promptKind: prompt, end: "limit" },
        embodiment,
        tasks,
        variants: [...episodes].map(([variant, count]) => ({ name: variant, episodes: count })),
        firstSeed,
      });
      this.#cells.push({ family, arm: arm.name, evaluation: name, seed, task });
    }
  }

  /** Adds a task, or finds the one that does the same. */
  #once(id: string, task: Omit<TrainTask, "id"> | Omit<EvaluateTask, "id">): string {
    const content = taskHash(task);
    const known = this.#byContent.get(content);
    if (known !== undefined) return known;
    this.#byContent.set(content, id);
    this.#tasks.set(id, { id, ...task });
    return id;
  }

  /** A folder keeps its meaning wherever the sweep is run; anything else is the name of a shipped base. */
  #named(init: string): string {
    const path = resolve(this.#loaded.folder, init);
    return existsSync(path) ? path : init;
  }
}

/** Changes when what a task does changes. */
export function taskHash(task: Omit<SweepTask, "id">): string {
  return createHash("sha256")
    .update(JSON.stringify({ ...task, id: undefined }))
    .digest("hex");
}

/** Episodes of an evaluation. */
export function episodesOf({
  embodiment,
  tasks,
  variants,
  firstSeed,
}: Pick<EvaluateTask, "embodiment" | "tasks" | "variants" | "firstSeed">): EpisodeKey[] {
  return variants.flatMap(({ name, episodes }) => {
    const grid = { embodiments: [embodiment], tasks, variants: [name], nEpisodes: episodes, firstSeed };
    return plannedGrid(grid);
  });
}

/** A recipe as plain data, without some of its keys (`training.trainable`). @throws PVLA_SWEEP_FILE */
function readRecipe(file: string, without: readonly string[]): unknown {
  try {
    const document = parseDocument(readFileSync(file, "utf8"));
    for (const key of without) document.deleteIn(key.split("."));
    return document.toJS() as unknown;
  } catch (error) {
    throw unreadableSweep(file, error instanceof Error ? error.message : String(error), error);
  }
}

const slug = (name: string) =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");

import { MASK_SOURCES, plannedGrid, TASK_INFO, TASKS, TRAINING_SEEDS_FROM, VARIANTS } from "@pixelvla/bench";
import type { EpisodeKey, MaskSource, TaskName } from "@pixelvla/bench";
import { launchLocal } from "@pixelvla/jobs";
import type { BenchChoices, BenchOptions, BenchService, LaunchEvaluation } from "@pixelvla/studio-contract";
import type { DatasetCatalog } from "../datasets/catalog.ts";
import { noTrainingData } from "../errors.ts";
import type { RunCatalog } from "../runs/catalog.ts";
import { textAt } from "../runs/config-tree.ts";
import { commandOf, type LaunchMeans } from "../runs/launcher.ts";
import type { Workspace } from "../workspace.ts";
import { evaluationReport, optionsOf, policyRunId, savedLog } from "./evaluation.ts";
import { policyArguments, policySpec } from "./player.ts";
import { RolloutThreads } from "./rollout-thread.ts";
import { similarEpisodes } from "./similar.ts";
import { datasetUses } from "./uses.ts";

/** The Bench room and its end. */
export interface BenchRoom {
  readonly service: BenchService;
  close(): Promise<void>;
}

/** Makes the Bench over a workspace. Rollouts live in threads; evaluations are jobs that outlive the studio. */
export function createBenchRoom(
  workspace: Workspace,
  datasets: DatasetCatalog,
  runs: RunCatalog,
  means: LaunchMeans,
): BenchRoom {
  const rollouts = new RolloutThreads();
  const service: BenchService = {
    choices: () => Promise.resolve(CHOICES),
    watch: async function* ({ watchId, player, episode, options, stepMs, isPaused }, signal) {
      const job = {
        kind: "watch" as const,
        policy: await policySpec(player, runs),
        episode: episode as EpisodeKey,
        options: { ...options, maskSource: options.maskSource as MaskSource },
        stepMs,
        isPaused,
      };
      yield* rollouts.play(job, signal, watchId);
    },
    control: ({ watchId, command }) => {
      rollouts.control(watchId, command);
      return Promise.resolve();
    },
    launch: async (request) => {
      const pixelvla = commandOf(means);
      const { player, name } = request;
      const plan = {
        ...request,
        embodiments: [request.embodiment],
        tasks: request.tasks as TaskName[],
      };
      const who = player.kind === "run" ? (await runs.get(player.runId)).place.name : playerWords(player);
      const policy = await policyArguments(player, runs);
      const dir = launchLocal({
        runsDir: workspace.runsDir,
        name: name ?? `bench-${who}`,
        kind: "bench",
        command: (jobDir) => [...pixelvla, ...benchArguments(request, policy), `--out=${jobDir}`],
        cwd: workspace.root,
        unit: "episodes",
        total: plannedGrid(plan).length,
      });
      return { runId: runs.idOf(dir) };
    },
    evaluation: (runId) => evaluationReport(runs, runId),
    replay: async function* (runId, line, signal) {
      const record = await runs.get(runId);
      const { imageSizePx = 64, maskSource = "none" } = optionsOf(record);
      const log = await savedLog(record, line);
      yield* rollouts.play(
        { kind: "replay", log, imageSizePx: Number(imageSizePx), maskSource: String(maskSource) },
        signal,
      );
    },
    similar: async (runId, line) => {
      const record = await runs.get(runId);
      const policy = await policyRunId(runs, record);
      const dataset = policy === undefined ? undefined : textAt((await runs.get(policy)).config, "dataset");
      const root = dataset === undefined ? undefined : await workspace.admit(dataset).catch(() => undefined);
      if (root === undefined) throw noTrainingData(record.place.name);
      return similarEpisodes(await savedLog(record, line), await datasets.open(datasets.idOf(root)));
    },
    uses: (datasetId) => datasetUses(datasetId, workspace, datasets, runs),
  };
  return { service, close: () => rollouts.close() };
}

const CHOICES: BenchChoices = {
  tasks: TASKS.map((name) => ({ name, description: TASK_INFO[name].description })),
  variants: VARIANTS.map(({ name, axis, description, unsuitableFor = [] }) => ({
    name,
    axis,
    description,
    unsuitableFor,
  })),
  maskSources: MASK_SOURCES,
  trainingSeedsFrom: TRAINING_SEEDS_FROM,
};

const playerWords = (player: Exclude<LaunchEvaluation["player"], { kind: "run" }>) =>
  player.kind === "builtin" ? player.name : "server";

/** Arguments of `pixelvla bench run`; they go to the program as a list, never through a shell. */
function benchArguments(request: LaunchEvaluation, policy: readonly string[]): string[] {
  const { embodiment, tasks, variants, nEpisodes, firstSeed, options } = request;
  const flags: readonly (readonly [string, string | number])[] = [
    ["embodiment", embodiment],
    ["tasks", tasks.join(",")],
    ["variants", variants.join(",")],
    ["episodes", nEpisodes],
    ["first-seed", firstSeed],
    ...optionFlags(options),
  ];
  return ["bench", "run", ...policy, ...flags.map(([name, value]) => `--${name}=${value}`)];
}

const optionFlags = (options: BenchOptions): [string, string | number][] => [
  ["mask-source", options.maskSource],
  ["mask-time", options.maskTime],
  ["prompt", options.promptKind],
  ["execute-steps", options.executeSteps],
  ["image-size", options.imageSizePx],
  ["end", options.end],
];

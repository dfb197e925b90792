// Makes many finished training runs: node --conditions=@pixelvla/source --import tsx perf/make-runs.ts RUNS_FOLDER [RUNS] [POINTS]
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Random } from "@pixelvla/core";
import { loadRecipe } from "@pixelvla/training";
import { stringify } from "yaml";

const LEARNING_RATES = [0.0001, 0.0003, 0.001, 0.003];
/** What the runs are said to have trained: their configurations are as long as real ones. */
const RECIPE = fileURLToPath(new URL("../../../../recipes/openvla-tiny.yaml", import.meta.url));
const STATES = ["done", "done", "done", "stopped", "failed"] as const;

/**
 * Writes `nRuns` job directories with `nPoints` rows of loss, learning rate, gradient norm and samples a second each. The same arguments
 * give the same rows. A folder that was finished before is left as it is.
 */
export function makeRuns(runsDir: string, nRuns: number, nPoints: number): string {
  const mark = join(runsDir, `.made-2-${nRuns}-${nPoints}`);
  if (existsSync(mark)) return runsDir;
  const random = new Random(11);
  for (let run = 0; run < nRuns; run++) {
    const dir = join(runsDir, `run-${String(run).padStart(4, "0")}`);
    mkdirSync(dir, { recursive: true });
    const learningRate = LEARNING_RATES[run % LEARNING_RATES.length]!;
    const at = new Date(Date.UTC(2026, 0, 1) + run * 60_000).toISOString();
    const state = STATES[run % STATES.length]!;
    const progress = { done: nPoints, total: nPoints, unit: "train steps", ratePerS: 2.5, etaS: 0 };
    const error = state === "failed" ? { code: "PVLA_NAN", message: "Training: the loss became NaN." } : null;
    const status = {
      version: 1,
      kind: "train",
      state,
      pid: 1,
      host: "elsewhere",
      createdAt: at,
      startedAt: at,
      heartbeatAt: at,
      endedAt: at,
      workedS: nPoints / 2.5,
      phase: null,
      progress,
      error,
    };
    const changes = [`training.seed=${run}`, `training.optimizer.learningRate=${learningRate}`];
    const { recipe } = loadRecipe(RECIPE, changes);
    const config = stringify({ version: 1, recipeFile: RECIPE, dataset: "/data/bridge", recipe: { ...recipe } });
    writeFileSync(join(dir, "status.json"), JSON.stringify(status));
    writeFileSync(join(dir, "config.yaml"), config);
    writeFileSync(join(dir, "log.txt"), "done\n");
    writeFileSync(join(dir, "metrics.jsonl"), rows(random, nPoints, learningRate));
  }
  writeFileSync(mark, "");
  return runsDir;
}

function rows(random: Random, nPoints: number, learningRate: number): string {
  const lines: string[] = [];
  const floor = 0.05 + random.uniform() * 0.1;
  for (let step = 1; step <= nPoints; step++) {
    const loss = floor + Math.exp((-step * learningRate * 8000) / nPoints) * (0.8 + 0.2 * random.uniform());
    lines.push(
      JSON.stringify({
        step,
        timeS: step * 0.4,
        loss,
        learningRate,
        gradNorm: 0.5 + random.uniform(),
        samplesPerS: 40 + random.uniform(),
      }),
    );
  }
  return `${lines.join("\n")}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, nRuns = "1000", nPoints = "10000"] = process.argv.slice(2);
  if (folder === undefined) throw new Error("Usage: make-runs.ts RUNS_FOLDER [RUNS] [POINTS]");
  console.log(makeRuns(folder, Number(nRuns), Number(nPoints)));
}

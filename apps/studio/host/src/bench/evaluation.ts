import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseLog, summarise, type EpisodeLog, type EpisodeResult } from "@pixelvla/bench";
import type { EvaluationReport } from "@pixelvla/studio-contract";
import { unknownItem } from "../errors.ts";
import type { RunCatalog } from "../runs/catalog.ts";
import { textAt, valueAt } from "../runs/config-tree.ts";
import { fileInside } from "../runs/run-files.ts";
import type { RunRecord } from "../runs/run-record.ts";
import { outcomeOf } from "./rollout-events.ts";

/** Names as `pixelvla bench run --out` writes them: a line an episode, in the order in which they ended. */
const RESULTS = "results.jsonl";
const LOGS = "episodes.jsonl";
/** Cells of a sweep keep result and log of an episode in one line. */
const PLAYED = "results/episodes.jsonl";

/** An evaluation as far as it has come. @throws PVLA_STUDIO_UNKNOWN */
export async function evaluationReport(runs: RunCatalog, runId: string): Promise<EvaluationReport> {
  const record = await runs.get(runId);
  const results = await resultsOf(record);
  return {
    runId,
    name: record.place.name,
    policy: policyWords(record),
    policyRunId: await policyRunId(runs, record),
    options: optionsOf(record),
    cells: summarise(results).map(({ embodiment, task, variant, nEpisodes, success, grasp, meanSteps }) => ({
      embodiment,
      task,
      variant,
      nEpisodes,
      success: plain(success),
      grasp: plain(grasp),
      meanSteps,
    })),
    episodes: results.map(outcomeOf),
  };
}

const plain = ({ share, low, high }: { share: number; low: number; high: number }) => ({ share, low, high });

/** The log of one line. @throws PVLA_STUDIO_UNKNOWN, PVLA_BENCH_LOG */
export async function savedLog(record: RunRecord, line: number): Promise<EpisodeLog> {
  const played = (await playedOf(record))[line];
  const text = played === undefined ? (await linesOf(record, LOGS))[line] : JSON.stringify(played.log);
  if (text === undefined) throw unknownItem("episode", `line ${line + 1} of ${record.place.name}`);
  return parseLog(text, `${record.place.path}/${LOGS}, line ${line + 1}`);
}

/** Results so far. A last line that is still being written is left for the next look. */
export async function resultsOf(record: RunRecord): Promise<EpisodeResult[]> {
  const played = await playedOf(record);
  if (played.length > 0) return played.map(({ result }) => result);
  return parsed<EpisodeResult>(await linesOf(record, RESULTS));
}

const playedOf = async (record: RunRecord) =>
  parsed<{ readonly result: EpisodeResult; readonly log: unknown }>(await linesOf(record, PLAYED));

function parsed<T>(lines: readonly string[]): T[] {
  const found: T[] = [];
  for (const line of lines) {
    try {
      found.push(JSON.parse(line) as T);
    } catch {
      break;
    }
  }
  return found;
}

async function linesOf({ place }: RunRecord, name: string): Promise<string[]> {
  const file = await fileInside(place.dir, name);
  if (file === undefined) return [];
  return (await readFile(file.path, "utf8")).split("\n").filter((line) => line !== "");
}

/** How the episodes were played. */
export function optionsOf({ config }: RunRecord): Record<string, string | number> {
  const options = valueAt(config, "options");
  if (options === null || typeof options !== "object") return {};
  return Object.fromEntries(
    Object.entries(options).filter(
      (entry): entry is [string, string | number] => typeof entry[1] === "string" || typeof entry[1] === "number",
    ),
  );
}

/**
 * What was played: a run directory, a checkpoint below one, or a shipped base by name. `bench run` names it under its module's options, the
 * main job and sweeps as `init`, a cell of a sweep as the task beside it.
 */
function playedCheckpoint({ config, place }: RunRecord): string | undefined {
  const task = textAt(config, "policy.task");
  if (task !== undefined) return join(dirname(place.dir), task);
  return textAt(config, "policy.options.run") ?? textAt(config, "policy.init");
}

function policyWords(record: RunRecord): string {
  const { config } = record;
  const run = playedCheckpoint(record);
  if (run !== undefined) return run.split("/").filter(Boolean).at(-1) ?? run;
  return textAt(config, "policy.options.server") ?? textAt(config, "policy.policy") ?? "unknown";
}

/** The run of this workspace whose checkpoint was played. */
export async function policyRunId(runs: RunCatalog, record: RunRecord): Promise<string | undefined> {
  const run = playedCheckpoint(record);
  if (run === undefined) return undefined;
  const found = (await runs.all()).find(
    ({ place }) => run === place.dir || run.startsWith(join(place.dir, "checkpoints")),
  );
  return found?.place.runId;
}

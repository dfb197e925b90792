import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EpisodeKey, EpisodeLog, EpisodeResult, PlayedEpisode } from "@pixelvla/bench";
import { JobWriter } from "@pixelvla/jobs";

/** Files of an evaluation's job directory. Lines of the two `.jsonl` files belong together one to one, in the order in which episodes ended. */
export const EVALUATION_FILES = {
  results: "results.jsonl",
  logs: "episodes.jsonl",
  report: "results.json",
  summary: "summary.csv",
} as const;

const STOP_POLL_MS = 500;

/** An evaluation as a job directory: outcomes appear as episodes end, `stop` ends it, and a stopped or killed one goes on where it was. */
export class EvaluationJob {
  readonly #job: JobWriter;
  readonly #dir: string;
  readonly #played: PlayedEpisode[] = [];
  readonly #stopping = new AbortController();
  readonly #timer: NodeJS.Timeout;

  /** @throws PVLA_JOB_LOCKED, PVLA_JOB_EXISTS when the directory holds work and `resume` is not set */
  constructor(dir: string, config: unknown, total: number, resume: boolean) {
    this.#dir = dir;
    this.#job = new JobWriter(dir, { kind: "bench", config, unit: "episodes", total, resume, tensorboard: false });
    if (this.#job.isResumed) this.#played = readPlayed(dir);
    this.#rewrite();
    this.#job.progress(this.#played.length, "playing");
    this.#timer = setInterval(() => void this.#obey(), STOP_POLL_MS);
    this.#timer.unref();
  }

  /** Aborted when somebody asks the job to stop. */
  get stop(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Episodes that earlier work has played. */
  get played(): readonly PlayedEpisode[] {
    return this.#played;
  }

  /** What is left of a plan. */
  left(plan: readonly EpisodeKey[]): EpisodeKey[] {
    const done = new Set(this.#played.map(({ log }) => nameOf(log)));
    return plan.filter((key) => !done.has(nameOf(key)));
  }

  /** Writes which weights are played. */
  setProvenance(provenance: unknown): void {
    writeFileSync(this.#job.paths.provenance, `${JSON.stringify(provenance, null, 2)}\n`);
  }

  add(played: PlayedEpisode): void {
    this.#played.push(played);
    appendFileSync(join(this.#dir, EVALUATION_FILES.logs), `${JSON.stringify(played.log)}\n`);
    appendFileSync(join(this.#dir, EVALUATION_FILES.results), `${JSON.stringify(played.result)}\n`);
    const nDone = this.#played.length;
    const nSuccesses = this.#played.filter(({ result }) => result.success).length;
    this.#job.metrics({ step: nDone, success: played.result.success ? 1 : 0, successRate: nSuccesses / nDone });
    this.#job.progress(nDone);
  }

  /** Writes the report over all episodes and ends the job. */
  finish(report: unknown, csv: string): void {
    writeFileSync(join(this.#dir, EVALUATION_FILES.report), `${JSON.stringify(report, null, 1)}\n`);
    writeFileSync(join(this.#dir, EVALUATION_FILES.summary), csv);
    this.#end();
    this.#job.close("done");
  }

  /** Ends a job that was asked to stop, or failed. */
  giveUp(error: unknown): void {
    this.#end();
    if (this.#stopping.signal.aborted) this.#job.close("stopped");
    else this.#job.close("failed", error);
  }

  /** Says that the job stops because its terminal asked it to. */
  interrupt(): void {
    this.#stopping.abort();
  }

  #end(): void {
    clearInterval(this.#timer);
  }

  async #obey(): Promise<void> {
    if (!(await this.#job.takeCommands()).includes("stop")) return;
    this.#job.setState("stopping");
    this.#stopping.abort();
  }

  /** Drops a line that a killed process left without its partner. */
  #rewrite(): void {
    const lines = (rows: readonly unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
    writeFileSync(join(this.#dir, EVALUATION_FILES.logs), lines(this.#played.map(({ log }) => log)));
    writeFileSync(join(this.#dir, EVALUATION_FILES.results), lines(this.#played.map(({ result }) => result)));
  }
}

const nameOf = ({ embodiment, task, variant, seed }: EpisodeKey) => `${embodiment}/${task}/${variant}/${seed}`;

/** Whole pairs of lines; faults that are no doing of the policy's are played again. */
function readPlayed(dir: string): PlayedEpisode[] {
  const results = readLines<EpisodeResult>(join(dir, EVALUATION_FILES.results));
  const logs = readLines<EpisodeLog>(join(dir, EVALUATION_FILES.logs));
  return results.flatMap((result, i) => {
    const log = logs[i];
    return log === undefined || result.outcome === "worker-lost" ? [] : [{ result, log }];
  });
}

function readLines<T>(file: string): T[] {
  if (!existsSync(file)) return [];
  const found: T[] = [];
  for (const line of readFileSync(file, "utf8").split("\n")) {
    try {
      if (line !== "") found.push(JSON.parse(line) as T);
    } catch {
      break; // the last line of a process that was killed while writing it
    }
  }
  return found;
}

import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PixelVlaError } from "@pixelvla/core";
import { stringify } from "yaml";
import { writeFileAtomic } from "./atomic-file.ts";
import { pruneCheckpoints, recoverCheckpoints, writeCheckpoint, type Checkpoint } from "./checkpoints.ts";
import { takeCommands, type JobCommand } from "./commands.ts";
import { explainDiskFull } from "./disk-full.ts";
import { jobExists } from "./errors.ts";
import { parseRows } from "./follow.ts";
import { acquireLock, type JobLock } from "./lock.ts";
import type { MetricsInput } from "./metrics.ts";
import { jobPaths, type JobPaths } from "./paths.ts";
import { thisHost } from "./process-identity.ts";
import { RateMeter } from "./rate.ts";
import {
  jobStatusSchema,
  STATUS_VERSION,
  type JobError,
  type JobKind,
  type JobState,
  type JobStatus,
} from "./status.ts";
import { EventFile } from "./tensorboard/event-file.ts";

/** How a working process opens its job directory. */
export interface OpenJobOptions {
  readonly kind: JobKind;
  /** Resolved configuration; written to `config.yaml` unless the job is resumed. */
  readonly config: unknown;
  /** What progress counts, in the plural: "train steps". */
  readonly unit: string;
  readonly total: number | null;
  /** Go on with a job that has begun. Without it only an empty or queued directory is accepted. */
  readonly resume?: boolean;
  /** Default 2,000. */
  readonly heartbeatMs?: number;
  /** Write a TensorBoard event file (default true). */
  readonly tensorboard?: boolean;
}

/** Bytes set aside so that a full disk still leaves room to say so. */
const RESERVE_BYTES = 64 << 10;

/**
 * The working process's side of a job directory. Everything it writes can be read at any moment by others. Errors of the
 * disk come out as PVLA_DISK_FULL.
 */
export class JobWriter {
  readonly dir: string;
  readonly paths: JobPaths;
  /** Whether the directory held earlier work of this job. */
  readonly isResumed: boolean;
  readonly #lock: JobLock;
  readonly #rate = new RateMeter();
  readonly #openedMs = Date.now();
  readonly #workedBeforeS: number;
  readonly #useTensorboard: boolean;
  #events: EventFile | undefined;
  #resumeStep: number | undefined;
  #status: JobStatus;
  #timer: NodeJS.Timeout | undefined;
  #statusWrittenMs = 0;

  /**
   * Opens `dir` for work: takes the lock, tidies what a killed process left and writes the first status.
   * @throws PVLA_JOB_LOCKED when another worker is in it, PVLA_JOB_EXISTS when it holds work and `resume` is not set
   */
  constructor(dir: string, options: OpenJobOptions) {
    this.dir = dir;
    this.paths = jobPaths(dir);
    mkdirSync(dir, { recursive: true });
    this.#lock = acquireLock(dir);
    try {
      const before = readStatusSync(this.paths.status);
      this.isResumed = before !== undefined && before.state !== "queued";
      if (this.isResumed && !options.resume) throw jobExists(dir, before?.state ?? "unknown");
      for (const folder of [this.paths.checkpoints, this.paths.commands, this.paths.results])
        mkdirSync(folder, { recursive: true });
      recoverCheckpoints(dir);
      this.#workedBeforeS = before?.workedS ?? 0;
      this.#useTensorboard = options.tensorboard ?? true;
      const now = new Date().toISOString();
      this.#status = {
        version: STATUS_VERSION,
        kind: options.kind,
        state: "running",
        pid: process.pid,
        host: thisHost(),
        createdAt: before?.createdAt ?? now,
        startedAt: now,
        heartbeatAt: now,
        endedAt: null,
        workedS: this.#workedBeforeS,
        phase: null,
        progress: { done: 0, total: options.total, unit: options.unit, ratePerS: null, etaS: null },
        error: null,
      };
      this.#guard(this.#reserveFile, "the job directory", () =>
        writeFileSync(this.#reserveFile, Buffer.alloc(RESERVE_BYTES, 1)),
      );
      if (!this.isResumed) this.writeConfig(options.config);
      this.#writeStatus();
    } catch (error) {
      this.#lock.release();
      throw error;
    }
    this.#timer = setInterval(() => this.#beat(), options.heartbeatMs ?? 2000);
    this.#timer.unref();
  }

  get status(): JobStatus {
    return this.#status;
  }

  /** Seconds of work over all resumes. */
  get workedS(): number {
    return this.#workedBeforeS + (Date.now() - this.#openedMs) / 1000;
  }

  /** Replaces `config.yaml`. */
  writeConfig(config: unknown): void {
    this.#guard(this.paths.config, "config.yaml", () => writeFileAtomic(this.paths.config, stringify(config)));
  }

  /** Drops metrics after `step`: they were written by a process that was killed before it saved a later checkpoint. */
  rewindMetrics(step: number): void {
    this.#resumeStep = step + 1;
    if (!existsSync(this.paths.metrics)) return;
    const rows = parseRows(readFileSync(this.paths.metrics, "utf8")).filter((row) => row.step <= step);
    const text = rows.map((row) => JSON.stringify(row) + "\n").join("");
    this.#guard(this.paths.metrics, "metrics", () => writeFileAtomic(this.paths.metrics, text));
  }

  /** Appends one row to `metrics.jsonl` and its finite numbers to the TensorBoard file. */
  metrics(row: MetricsInput): void {
    const timeS = Math.round(this.workedS * 1000) / 1000;
    const { step, ...scalars } = row;
    this.#guard(this.paths.metrics, "metrics", () =>
      appendFileSync(this.paths.metrics, JSON.stringify({ step, timeS, ...scalars }) + "\n"),
    );
    if (!this.#useTensorboard) return;
    this.#guard(this.dir, "the TensorBoard file", () => {
      this.#events ??= new EventFile(this.dir, this.#resumeStep);
      const numbers = Object.entries(scalars).filter((entry): entry is [string, number] => Number.isFinite(entry[1]));
      this.#events.scalars(step, Object.fromEntries(numbers));
    });
  }

  /** Appends a line to `log.txt`, with the time. */
  log(line: string): void {
    this.#guard(this.paths.log, "the log", () =>
      appendFileSync(this.paths.log, `${new Date().toISOString()}  ${line}\n`),
    );
  }

  /** Notes progress; `status.json` follows at once if half a second has passed since it was written. */
  progress(done: number, phase?: string | null, total?: number | null): void {
    const ratePerS = this.#rate.update(done, this.workedS);
    const { progress } = this.#status;
    const whole = total === undefined ? progress.total : total;
    const etaS = ratePerS === null || ratePerS === 0 || whole === null ? null : Math.max(0, whole - done) / ratePerS;
    this.#status = {
      ...this.#status,
      phase: phase === undefined ? this.#status.phase : phase,
      progress: { ...progress, done, total: whole, ratePerS, etaS },
    };
    if (Date.now() - this.#statusWrittenMs >= 500) this.#writeStatus();
  }

  /** Says that the job works, rests, or is on its way to stop. */
  setState(state: "running" | "paused" | "stopping"): void {
    this.#status = { ...this.#status, state };
    this.#writeStatus();
  }

  /** Takes waiting commands; a job calls this between steps. */
  takeCommands(): Promise<JobCommand[]> {
    return takeCommands(this.dir);
  }

  /** Writes a checkpoint (see `writeCheckpoint`), then removes all but the last `keepLast` and those `keep` wants. */
  async checkpoint(
    step: number,
    write: (dir: string) => Promise<void> | void,
    retention: { keepLast: number; keep?: (step: number) => boolean },
  ): Promise<Checkpoint> {
    try {
      const saved = await writeCheckpoint(this.dir, step, write);
      pruneCheckpoints(this.dir, retention.keepLast, retention.keep);
      return saved;
    } catch (error) {
      throw this.#freed(error, this.paths.checkpoints, "a checkpoint");
    }
  }

  /** Path of a file in `results/`. */
  result(name: string): string {
    return join(this.paths.results, name);
  }

  /** Ends the job: `done` when it finished, `stopped` when asked to, `failed` with what went wrong. Releases the lock. */
  close(state: "done" | "stopped"): void;
  close(state: "failed", error: unknown): void;
  close(state: JobState, error?: unknown): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    const now = new Date().toISOString();
    this.#status = { ...this.#status, state, endedAt: now, error: error === undefined ? null : describe(error) };
    if (this.#status.error !== null)
      this.#bestEffort(() => this.log(`${this.#status.error!.code}  ${this.#status.error!.message}`));
    rmSync(this.#reserveFile, { force: true });
    this.#bestEffort(() => this.#writeStatus());
    this.#bestEffort(() => this.#events?.close());
    this.#lock.release();
  }

  get #reserveFile(): string {
    return join(this.dir, ".reserve");
  }

  #beat(): void {
    this.#bestEffort(() => {
      this.#lock.refresh();
      this.#writeStatus();
    });
  }

  #writeStatus(): void {
    this.#statusWrittenMs = Date.now();
    this.#status = { ...this.#status, heartbeatAt: new Date().toISOString(), workedS: this.workedS };
    this.#guard(this.paths.status, "status.json", () =>
      writeFileAtomic(this.paths.status, JSON.stringify(this.#status, null, 2) + "\n"),
    );
  }

  #guard(file: string, what: string, write: () => void): void {
    try {
      write();
    } catch (error) {
      throw this.#freed(error, file, what);
    }
  }

  /** A full disk gives back the reserve, so that the status and the log can still say what happened. */
  #freed(error: unknown, file: string, what: string): unknown {
    const explained = explainDiskFull(error, file, what);
    if (explained instanceof PixelVlaError && explained.code === "PVLA_DISK_FULL")
      rmSync(this.#reserveFile, { force: true });
    return explained;
  }

  /** For what must not hide the error that is being reported, nor kill a job from a timer. */
  #bestEffort(act: () => void): void {
    try {
      act();
    } catch {
      return;
    }
  }
}

function describe(error: unknown): JobError {
  if (error instanceof PixelVlaError) return { code: error.code, message: error.message, facts: plain(error.facts) };
  return { code: "PVLA_INTERNAL", message: error instanceof Error ? `internal: ${error.message}` : String(error) };
}

const plain = (facts: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  JSON.parse(JSON.stringify(facts)) as Record<string, unknown>;

function readStatusSync(file: string): JobStatus | undefined {
  try {
    return jobStatusSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}

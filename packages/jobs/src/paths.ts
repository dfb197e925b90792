import { join } from "node:path";

/** Names inside a job directory. Everything that touches one goes through these. */
export const JOB_FILES = {
  config: "config.yaml",
  status: "status.json",
  metrics: "metrics.jsonl",
  log: "log.txt",
  lock: "lock",
  launch: "launch.json",
  checkpoints: "checkpoints",
  latest: "latest",
  commands: "commands",
  results: "results",
  provenance: "provenance.json",
} as const;

/** Absolute or relative paths of a job directory's parts. */
export interface JobPaths {
  readonly config: string;
  readonly status: string;
  readonly metrics: string;
  readonly log: string;
  readonly lock: string;
  readonly launch: string;
  readonly checkpoints: string;
  readonly latest: string;
  readonly commands: string;
  readonly results: string;
  readonly provenance: string;
}

/** Where the parts of the job directory `dir` are. */
export function jobPaths(dir: string): JobPaths {
  const checkpoints = join(dir, JOB_FILES.checkpoints);
  return {
    config: join(dir, JOB_FILES.config),
    status: join(dir, JOB_FILES.status),
    metrics: join(dir, JOB_FILES.metrics),
    log: join(dir, JOB_FILES.log),
    lock: join(dir, JOB_FILES.lock),
    launch: join(dir, JOB_FILES.launch),
    checkpoints,
    latest: join(checkpoints, JOB_FILES.latest),
    commands: join(dir, JOB_FILES.commands),
    results: join(dir, JOB_FILES.results),
    provenance: join(dir, JOB_FILES.provenance),
  };
}

const STEP_DIGITS = 8;

/** `step-00000400` for 400. */
export const checkpointName = (step: number): string => `step-${String(step).padStart(STEP_DIGITS, "0")}`;

/** 400 for `step-00000400`; undefined for any other name. */
export function checkpointStep(name: string): number | undefined {
  const match = /^step-(\d{8,})$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

export {
  ACTIVE_STATES,
  FINAL_STATES,
  JOB_KINDS,
  JOB_STATES,
  STATUS_VERSION,
  jobErrorSchema,
  jobProgressSchema,
  jobStatusSchema,
  type JobError,
  type JobKind,
  type JobProgress,
  type JobState,
  type JobStatus,
  type ObservedState,
} from "./status.ts";
export { JOB_FILES, checkpointName, checkpointStep, jobPaths, type JobPaths } from "./paths.ts";
export {
  metricsCursorSchema,
  metricsRowSchema,
  type MetricsCursor,
  type MetricsInput,
  type MetricsPage,
  type MetricsRow,
} from "./metrics.ts";
export { JOB_COMMANDS, dropCommand, takeCommands, type JobCommand } from "./commands.ts";

// For everybody: reading
export {
  HEARTBEAT_STALE_MS,
  listJobs,
  observeState,
  readJob,
  readJobConfig,
  readJobDetail,
  readStatus,
  type JobDetail,
  type JobList,
  type JobSummary,
  type UnreadableJob,
} from "./reader.ts";
export { readLog, readMetrics, tailLog, type LogTail } from "./follow.ts";
export {
  findLatestCheckpoint,
  latestCheckpoint,
  listCheckpoints,
  readCheckpoint,
  type Checkpoint,
} from "./checkpoints.ts";

// For the working process: writing
export { JobWriter, type OpenJobOptions } from "./writer.ts";
export { writeFileAtomic } from "./atomic-file.ts";
export { explainDiskFull } from "./disk-full.ts";

// For launching
export {
  createJobDir,
  createQueuedJob,
  launchFileSchema,
  readLaunchFile,
  type LaunchFile,
  type LaunchRequest,
} from "./launcher/launch-file.ts";
export { ensureQueueRunner, launchLocal, queueSlots, setQueueSlots } from "./launcher/local.ts";
export { LocalQueue } from "./launcher/queue.ts";
export { builtinLaunchers } from "./launcher/builtin.ts";
export { defineLauncher, launchJob, type LaunchedJob, type LauncherPlugin } from "./launcher/launcher-plugin.ts";
export { startDetached } from "./launcher/start.ts";

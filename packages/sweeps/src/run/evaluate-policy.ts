import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runRollouts, summarise, summaryCsv, type EpisodeResult, type PlayedEpisode } from "@pixelvla/bench";
import { JobWriter, writeFileAtomic } from "@pixelvla/jobs";
import { findInit } from "@pixelvla/training";
import { episodesOf } from "../plan/plan-sweep.ts";
import type { EvaluateTask } from "../plan/task.ts";

const POLL_MS = 500;

/**
 * Plays the episodes of an evaluation in the job directory `dir`, those that an earlier attempt did not. One line of
 * `results/episodes.jsonl` an episode, with the log that replays it; `results/summary.csv` at the end.
 *
 * @param policy run directory, checkpoint folder or shipped base
 * @throws PVLA_INIT, and what making the policy throws
 */
export async function evaluatePolicy(
  dir: string,
  policy: string,
  task: EvaluateTask,
  signal?: AbortSignal,
): Promise<void> {
  const episodes = episodesOf(task);
  const job = new JobWriter(dir, {
    kind: "bench",
    config: { version: 1, ...task },
    unit: "episodes",
    total: episodes.length,
    resume: true,
    tensorboard: false,
  });
  const stop = new AbortController();
  const onAbort = () => stop.abort();
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted) stop.abort();
  const poll = setInterval(() => {
    void job.takeCommands().then((commands) => commands.includes("stop") && stop.abort());
  }, POLL_MS);
  try {
    const checkpoint = findInit(policy);
    writeFileAtomic(job.paths.provenance, `${JSON.stringify(provenanceOf(checkpoint), null, 2)}\n`);
    const file = job.result("episodes.jsonl");
    const before = readPlayed(file);
    // A line cut off by a kill is dropped, so that the next one does not continue it.
    writeFileAtomic(file, before.map((played) => `${JSON.stringify(played)}\n`).join(""));
    const done = new Set(before.map(({ result }) => layoutName(result)));
    const rest = episodes.filter((key) => !done.has(layoutName(key)));
    job.progress(done.size, "playing");
    const module = fileURLToPath(import.meta.resolve("@pixelvla/training/tabletop-policy"));
    await runRollouts({
      policy: { policy: module, options: { run: checkpoint, threads: 1 } },
      episodes: rest,
      options: task.options,
      threads: 1,
      signal: stop.signal,
      onPlayed(played, nDone) {
        appendFileSync(file, `${JSON.stringify(played)}\n`);
        job.progress(done.size + nDone);
      },
    });
    writeFileAtomic(job.result("summary.csv"), summaryCsv(summarise(readResults(file))));
    job.close("done");
  } catch (error) {
    if (stop.signal.aborted) job.close("stopped");
    else {
      job.close("failed", error);
      throw error;
    }
  } finally {
    clearInterval(poll);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** Names the world an episode begins in: equal names are pairs. */
export const layoutName = ({ embodiment, task, variant, seed }: LayoutKey): string =>
  `${embodiment}/${task}/${variant}/${seed}`;

type LayoutKey = Pick<EpisodeResult, "embodiment" | "task" | "variant" | "seed">;

/** Results of the episodes played so far; none where there are none. */
export function readResults(file: string): EpisodeResult[] {
  return readPlayed(file).map(({ result }) => result);
}

function readPlayed(file: string): PlayedEpisode[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line) => {
      try {
        return line === "" ? [] : [JSON.parse(line) as PlayedEpisode];
      } catch {
        return []; // the last line of a process that was killed
      }
    });
}

/** Which weights played: the checkpoint and the hash of its model file. */
function provenanceOf(checkpoint: string) {
  const model = join(checkpoint, "model.safetensors");
  const sha256 = existsSync(model) ? createHash("sha256").update(readFileSync(model)).digest("hex") : null;
  return { version: 1, checkpoint, modelSha256: sha256 };
}

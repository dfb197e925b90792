import { join, resolve } from "node:path";
import type { Dataset } from "@pixelvla/data";
import { JobWriter, readStatus } from "@pixelvla/jobs";
import { shardsDoNotFit } from "../errors.ts";
import { FunnelCounter, type Funnel } from "../funnel/funnel.ts";
import { openForAnnotation } from "./annotate-job.ts";
import { readAnnotationJob, runName, type AnnotationJobConfig } from "./job-config.ts";
import { readJournal, runPaths } from "./journal.ts";
import { Publisher } from "./publisher.ts";
import { shardRange } from "./shard.ts";
import { writeResults } from "./write-results.ts";

/** What a merge did. */
export interface MergeOutcome {
  readonly dir: string;
  readonly sidecar: string;
  readonly run: string;
  /** Episodes left as a person has them. */
  readonly nProtected: number;
  readonly funnel: Funnel;
}

interface ShardJob {
  readonly dir: string;
  readonly config: AnnotationJobConfig;
}

/**
 * Merges the finished shards of a run into one job directory, byte for byte what one run over the whole dataset writes.
 * Merging again adds nothing.
 *
 * @throws PVLA_ANNOTATE_NO_JOB, PVLA_ANNOTATE_SHARDS for shards that are missing, unfinished or of different runs
 */
export async function mergeShards(options: {
  readonly dir: string;
  readonly shards: readonly string[];
  readonly sidecar?: string | undefined;
  readonly open?: ((config: AnnotationJobConfig) => Promise<Dataset>) | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}): Promise<MergeOutcome> {
  const shards = await readShards(options.shards);
  const first = shards[0]!.config;
  const dataset = await (options.open ?? openForAnnotation)(first);
  const { dir } = options;
  const whole = { ...first, shard: { index: 1, of: 1 }, sidecar: options.sidecar ?? null };
  const nAll = dataset.episodeIndices.length;
  try {
    const run = runName(first.recipe, dataset.info, first.reading);
    const sidecar = options.sidecar ?? join(dir, "annotations");
    const job = new JobWriter(dir, { kind: "annotate", config: whole, unit: "episodes", total: nAll, resume: true });
    try {
      const funnel = new FunnelCounter({ dataset: dataset.info.name, recipe: first.recipe.name, run });
      const publisher = await Publisher.open(sidecar, dataset.info, run);
      for (const shard of shards) {
        let expected = shardRange(shard.config.shard, nAll).start;
        for (const { head, body } of readJournal(runPaths(shard.dir, run).episodes)) {
          if (head.position !== expected++) break;
          await publisher.add(head, body);
          funnel.add(head);
          job.progress(funnel.nIn, "merging");
          options.onProgress?.(funnel.nIn, nAll);
        }
        const { end } = shardRange(shard.config.shard, nAll);
        if (funnel.nIn !== end)
          throw shardsDoNotFit(`${shard.dir} with episodes only up to ${funnel.nIn} in the list`, `all up to ${end}`);
      }
      await publisher.close();
      const previews = shards.map((shard) => runPaths(shard.dir, run).previews);
      await writeResults(dir, funnel.funnel(), previews);
      job.close("done");
      return { dir, sidecar, run, nProtected: publisher.nProtected, funnel: funnel.funnel() };
    } catch (error) {
      job.close("failed", error);
      throw error;
    }
  } finally {
    await dataset.close();
  }
}

/** Shards in order; checks that they make up one run. */
async function readShards(dirs: readonly string[]): Promise<ShardJob[]> {
  const shards = await Promise.all(dirs.map(async (dir) => ({ dir, config: await readAnnotationJob(dir) })));
  const [first] = shards;
  if (first === undefined) throw shardsDoNotFit("no shard", "the job directory of every shard");
  const identity = ({ recipe, dataset, reading, shard }: AnnotationJobConfig) =>
    JSON.stringify({ recipe: { ...recipe, limits: undefined }, dataset: resolve(dataset), reading, of: shard.of });
  const other = shards.find(({ config }) => identity(config) !== identity(first.config));
  if (other !== undefined) throw shardsDoNotFit(`${first.dir} and ${other.dir} of different runs`, "shards of one run");
  shards.sort((a, b) => a.config.shard.index - b.config.shard.index);
  const { of } = first.config.shard;
  const indices = shards.map(({ config }) => config.shard.index);
  if (indices.length !== of || indices.some((index, i) => index !== i + 1))
    throw shardsDoNotFit(`shards ${indices.join(", ")} of ${of}`, `each of 1 to ${of} once`);
  for (const { dir } of shards) {
    const { state } = await readStatus(dir);
    if (state !== "done") throw shardsDoNotFit(`${dir}, which is ${state}`, "finished shards");
  }
  return shards;
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import { EpisodeIndex, sidecarDataset, SidecarWriter, type DatasetInfo } from "@pixelvla/data";
import type { EpisodeBody, EpisodeHead } from "../pipeline/episode-record.ts";
import { RUN_PREFIX } from "./job-config.ts";

/** Episodes of one commit of the sidecar. Fixed: it decides which bytes lie in which file. */
const COMMIT_EPISODES = 500;
const PAGE = 10_000;

/**
 * Writes kept episodes, in order, into a sidecar. The same episodes give the same bytes, whether a run was interrupted,
 * sharded or published twice. Episodes a person decided on or corrected are left as they are.
 */
export class Publisher {
  readonly #writer: SidecarWriter;
  readonly #run: string;
  readonly #protected: ReadonlySet<number>;
  #nProtected = 0;

  private constructor(writer: SidecarWriter, run: string, isProtected: ReadonlySet<number>) {
    this.#writer = writer;
    this.#run = run;
    this.#protected = isProtected;
  }

  /** @throws PVLA_PIXELS_LAYOUT for a sidecar of another dataset */
  static async open(root: string, info: DatasetInfo, run: string): Promise<Publisher> {
    const writer = await SidecarWriter.open(root, sidecarDataset(info), {
      commitEpisodes: COMMIT_EPISODES,
      reproducible: true,
    });
    return new Publisher(writer, run, await episodesOfPeople(root));
  }

  /** Episodes of this run that were left as a person has them. */
  get nProtected(): number {
    return this.#nProtected;
  }

  /** Adds an episode unless it is there or belongs to a person. `body` is only asked for when it is needed. */
  async add(head: EpisodeHead, body: () => EpisodeBody | undefined): Promise<void> {
    if (head.cause !== undefined || this.#writer.has(this.#run, head.episodeIndex)) return;
    if (this.#protected.has(head.episodeIndex)) {
      this.#nProtected++;
      return;
    }
    const given = body();
    if (given === undefined) throw new Error(`internal: kept episode ${head.episodeIndex} without annotations`);
    await this.#writer.add({
      episodeIndex: head.episodeIndex,
      split: head.split,
      task: head.task,
      rawFrameIndex: Int32Array.from(given.rawFrameIndex),
      annotations: given.annotations,
      run: this.#run,
      doubt: head.doubt,
      doubtReason: head.doubtReason,
    });
  }

  /** Commits the last, smaller batch; only for a run that is complete. */
  async close(): Promise<void> {
    await this.#writer.close();
  }
}

/** Episodes of a sidecar with a decision on them, or whose newest annotations no run of this package made. */
async function episodesOfPeople(root: string): Promise<Set<number>> {
  const found = new Set<number>();
  if (!existsSync(join(root, ".pixelvla"))) return found;
  const index = await EpisodeIndex.open(root);
  try {
    for (let page = 0, total = Infinity; page * PAGE < total; page++) {
      const { rows, total: nAll } = await index.episodes({ sort: "episode", page, pageSize: PAGE });
      total = nAll;
      for (const { episodeIndex, key, decision } of rows)
        if (decision !== "pending" || !key.startsWith(RUN_PREFIX)) found.add(episodeIndex);
    }
  } finally {
    await index.close();
  }
  return found;
}

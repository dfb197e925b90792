import { join } from "node:path";
import type { DuckDBValue } from "@duckdb/node-api";
import { CommitLog, type Commit } from "../pixel-dataset/commit-log.ts";
import type { ReviewDecision } from "../pixel-dataset/annotation.ts";
import { damagedStore, nothingThere } from "../pixel-dataset/errors.ts";
import { filePaths, sidecarPaths } from "../pixel-dataset/layout.ts";
import type { PixelDatasetState } from "../pixel-dataset/dataset-info.ts";
import { ReviewLog, type Review } from "../pixel-dataset/review-log.ts";
import type { SidecarState } from "../pixel-dataset/sidecar-writer.ts";
import { openDatabase, sqlList, sqlText, type Database } from "./duckdb.ts";
import { IndexSnapshots } from "./index-snapshot.ts";

/** Episode files since the last snapshot from which on a new one is kept. */
const SNAPSHOT_FILES = 16;

/** An episode as lists and the review queue show it. */
export interface IndexedEpisode {
  readonly episodeIndex: number;
  readonly key: string;
  readonly split: string;
  readonly task: string;
  readonly nFrames: number;
  readonly phrase: string;
  readonly nAnnotated: number;
  readonly nWithMask: number;
  readonly meanScore: number;
  readonly minScore: number;
  readonly doubt: number;
  /** What the doubt comes from, in words; empty where the annotator did not say. */
  readonly doubtReason: string;
  readonly decision: ReviewDecision;
  /** Who decided and when; empty while pending. */
  readonly author: string;
  readonly decidedAt: string;
}

/** Where an episode's rows lie. */
export interface EpisodePlace {
  readonly path: string;
  readonly nFrames: number;
  readonly key: string;
  readonly split: string;
}

/** Which episodes, in which order, which page. */
export interface EpisodeQuery {
  readonly task?: string | undefined;
  /** Part of the task or phrase, in any case. */
  readonly search?: string | undefined;
  readonly split?: string | undefined;
  readonly decisions?: readonly ReviewDecision[] | undefined;
  readonly sort?: "doubt" | "episode" | "frames" | "score" | undefined;
  readonly descending?: boolean | undefined;
  /** From 0. */
  readonly page?: number | undefined;
  /** Default 100. */
  readonly pageSize?: number | undefined;
}

/** Counts over the whole index. */
export interface IndexStatistics {
  readonly nEpisodes: number;
  readonly nFrames: number;
  readonly nAnnotatedFrames: number;
  readonly nFramesWithMask: number;
  readonly meanScore: number;
  readonly decisions: Readonly<Record<ReviewDecision, number>>;
  readonly splits: Readonly<Record<string, number>>;
  /** Most frequent first. */
  readonly tasks: readonly { readonly task: string; readonly nEpisodes: number; readonly nFrames: number }[];
  /** Episodes by doubt in ten equal steps of 0..1. */
  readonly doubtHistogram: readonly number[];
}

/** Annotation measures over all frames, read from the data files in place. */
export interface FrameStatistics {
  readonly nFrames: number;
  readonly nAnnotated: number;
  readonly nWithMask: number;
  readonly meanScore: number;
  readonly meanAreaPx: number;
}

const SORTS = { doubt: "doubt", episode: "episode_index", frames: "n_frames", score: "mean_score" } as const;
const COLUMNS = `episode_index AS "episodeIndex", key, split, task, n_frames AS "nFrames", phrase, n_annotated AS "nAnnotated", n_with_mask AS "nWithMask",
  mean_score AS "meanScore", min_score AS "minScore", doubt, doubt_reason AS "doubtReason", coalesce(decision, 'pending') AS decision, coalesce(author, '') AS author, coalesce(decided_at, '') AS "decidedAt"`;

/**
 * Index of a pixel dataset or sidecar: its episode table and review decisions in an in-memory DuckDB, for lists, counts
 * and the review queue. 160,000 episodes take about 30 MB. `refresh` takes in what others have written meanwhile. Opening a dataset of
 * many commits keeps a snapshot for the next time (`.pixelvla/index-v1`).
 */
export class EpisodeIndex {
  readonly root: string;
  readonly kind: "pixel-dataset" | "sidecar";
  readonly reviews: ReviewLog;
  readonly #db: Database;
  readonly #log: CommitLog<PixelDatasetState | SidecarState>;
  readonly #snapshots: IndexSnapshots;
  #nFiles = 0;
  #keeping: Promise<void> | undefined;

  private constructor(
    root: string,
    kind: "pixel-dataset" | "sidecar",
    log: CommitLog<PixelDatasetState | SidecarState>,
    db: Database,
    reviews: ReviewLog,
  ) {
    this.root = root;
    this.kind = kind;
    this.reviews = reviews;
    this.#db = db;
    this.#log = log;
    this.#snapshots = new IndexSnapshots(log);
  }

  /** Opens the index of what `root` holds. @throws PVLA_PIXELS_MISSING for any other folder */
  static async open(root: string): Promise<EpisodeIndex> {
    const log = new CommitLog<PixelDatasetState | SidecarState>(root);
    const head = await log.head();
    if (head === undefined)
      throw nothingThere(
        `Opening ${root}`,
        "neither a pixel dataset nor a sidecar",
        'Make one with "pixelvla data convert" or an annotation job',
      );
    const [db, reviews] = await Promise.all([openDatabase(), ReviewLog.open(root)]);
    await db.run(`CREATE TABLE episodes(episode_index BIGINT, key VARCHAR, split VARCHAR, task VARCHAR, n_frames BIGINT, phrase VARCHAR, n_annotated BIGINT,
      n_with_mask BIGINT, mean_score DOUBLE, min_score DOUBLE, doubt DOUBLE, doubt_reason VARCHAR, file_index INTEGER);
      CREATE TABLE decisions(episode_index BIGINT PRIMARY KEY, decision VARCHAR, author VARCHAR, decided_at VARCHAR);`);
    const index = new EpisodeIndex(root, head.state.kind, log, db, reviews);
    try {
      await index.#loadFirst(head);
      await index.#storeDecisions([...reviews.episodes()]);
    } catch (error) {
      db.close();
      throw error;
    }
    return index;
  }

  /** Takes in episodes and decisions that others have written since. @returns whether anything changed */
  async refresh(): Promise<boolean> {
    const head = await this.#log.head();
    const before = this.#nFiles;
    if (head !== undefined) await this.#load(head.state);
    const touched = await this.reviews.refresh();
    await this.#storeDecisions([...touched]);
    return this.#nFiles !== before || touched.size > 0;
  }

  /** One page of episodes, and how many match. */
  async episodes(query: EpisodeQuery = {}): Promise<{ total: number; rows: IndexedEpisode[] }> {
    const where: string[] = [];
    const values: DuckDBValue[] = [];
    const add = (sql: string, ...given: DuckDBValue[]) => {
      where.push(sql);
      values.push(...given);
    };
    if (query.task !== undefined) add("task = ?", query.task);
    if (query.split !== undefined) add("split = ?", query.split);
    if (query.search !== undefined && query.search !== "")
      add(
        "(contains(lower(task), ?) OR contains(lower(phrase), ?))",
        query.search.toLowerCase(),
        query.search.toLowerCase(),
      );
    if (query.decisions !== undefined)
      add(
        query.decisions.length === 0
          ? "false"
          : `coalesce(decision, 'pending') IN (${query.decisions.map(() => "?").join(", ")})`,
        ...query.decisions,
      );
    const from = `FROM episodes LEFT JOIN decisions USING (episode_index) ${where.length === 0 ? "" : `WHERE ${where.join(" AND ")}`}`;
    const { sort = "doubt", descending = sort === "doubt", page = 0, pageSize = 100 } = query;
    const order = `ORDER BY ${SORTS[sort]} ${descending ? "DESC" : "ASC"}, episode_index`;
    const [counted] = await this.#db.rows(`SELECT count(*) AS n ${from}`, values);
    const rows = await this.#db.rows(
      `SELECT ${COLUMNS} ${from} ${order} LIMIT ${integer(pageSize)} OFFSET ${integer(page) * integer(pageSize)}`,
      values,
    );
    return { total: counted!["n"] as number, rows: rows as unknown as IndexedEpisode[] };
  }

  /** One episode, or undefined. */
  async episode(episodeIndex: number): Promise<IndexedEpisode | undefined> {
    const [row] = await this.#db.rows(
      `SELECT ${COLUMNS} FROM episodes LEFT JOIN decisions USING (episode_index) WHERE episode_index = ?`,
      [episodeIndex],
    );
    return row as unknown as IndexedEpisode | undefined;
  }

  /** Counts for the whole index. */
  async statistics(maxTasks = 1000): Promise<IndexStatistics> {
    const [totals] = await this.#db
      .rows(`SELECT count(*) AS "nEpisodes", coalesce(sum(n_frames), 0)::BIGINT AS "nFrames", coalesce(sum(n_annotated), 0)::BIGINT AS "nAnnotatedFrames",
      coalesce(sum(n_with_mask), 0)::BIGINT AS "nFramesWithMask", coalesce(sum(mean_score * n_annotated) / nullif(sum(n_annotated), 0), 0) AS "meanScore" FROM episodes`);
    const count = async (sql: string) =>
      Object.fromEntries((await this.#db.rows(sql)).map((row) => [String(row["name"]), row["n"] as number]));
    const decisions = await count(
      "SELECT coalesce(decision, 'pending') AS name, count(*) AS n FROM episodes LEFT JOIN decisions USING (episode_index) GROUP BY name",
    );
    const splits = await count("SELECT split AS name, count(*) AS n FROM episodes GROUP BY name ORDER BY name");
    const bins = await count(
      "SELECT least(9, floor(doubt * 10)::INTEGER) AS name, count(*) AS n FROM episodes GROUP BY name",
    );
    const tasks = await this.#db.rows(
      `SELECT task, count(*) AS "nEpisodes", sum(n_frames)::BIGINT AS "nFrames" FROM episodes GROUP BY task ORDER BY "nEpisodes" DESC, task LIMIT ${integer(maxTasks)}`,
    );
    return {
      ...(totals as unknown as IndexStatistics),
      decisions: { pending: 0, accepted: 0, corrected: 0, rejected: 0, hard: 0, ...decisions },
      splits,
      tasks: tasks as unknown as IndexStatistics["tasks"],
      doubtHistogram: Array.from({ length: 10 }, (_, i) => bins[String(i)] ?? 0),
    };
  }

  /** Measures over every frame. Of a sidecar the replaced annotations count too. */
  async frameStatistics(): Promise<FrameStatistics> {
    const files = Array.from({ length: this.#nFiles }, (_, i) => this.#dataFile(i));
    if (files.length === 0) return { nFrames: 0, nAnnotated: 0, nWithMask: 0, meanScore: 0, meanAreaPx: 0 };
    const [row] = await this.#db
      .rows(`SELECT count(*) AS "nFrames", count(*) FILTER ("annotation.target.score" >= 0) AS "nAnnotated", count(*) FILTER ("annotation.target.valid") AS "nWithMask",
      coalesce(avg("annotation.target.score") FILTER ("annotation.target.score" >= 0), 0) AS "meanScore",
      coalesce(avg("annotation.target.area") FILTER ("annotation.target.valid"), 0) AS "meanAreaPx" FROM read_parquet(${sqlList(files)})`);
    return row as unknown as FrameStatistics;
  }

  /** Data file that holds an episode's newest annotations, or undefined for an unknown episode. */
  async fileOf(episodeIndex: number): Promise<EpisodePlace | undefined> {
    return (await this.filesOf(episodeIndex, episodeIndex + 1)).get(episodeIndex);
  }

  /** The same for the episodes `first` to `end - 1`, in their order; unknown ones are left out. */
  async filesOf(first: number, end: number): Promise<Map<number, EpisodePlace>> {
    const rows = await this.#db.rows(
      "SELECT episode_index, file_index, n_frames, key, split FROM episodes WHERE episode_index >= ? AND episode_index < ? ORDER BY episode_index",
      [first, end],
    );
    return new Map(
      rows.map((row) => [
        row["episode_index"] as number,
        {
          path: this.#dataFile(row["file_index"] as number),
          nFrames: row["n_frames"] as number,
          key: String(row["key"]),
          split: String(row["split"]),
        },
      ]),
    );
  }

  /** Records a review decision. */
  async decide(episodeIndex: number, decision: ReviewDecision, author: string, note = ""): Promise<Review> {
    if ((await this.episode(episodeIndex)) === undefined)
      throw nothingThere(`Reviewing episode ${episodeIndex}`, `no such episode in ${this.root}`, "Refresh the list");
    const review = await this.reviews.decide(episodeIndex, decision, author, note);
    await this.#storeDecisions([episodeIndex]);
    return review;
  }

  /** Takes the current decision on an episode back. */
  async undo(episodeIndex: number, author: string, note = ""): Promise<Review | undefined> {
    const review = await this.reviews.undo(episodeIndex, author, note);
    await this.#storeDecisions([episodeIndex]);
    return review;
  }

  /** The database, for reading annotation rows. */
  get database(): Database {
    return this.#db;
  }

  async close(): Promise<void> {
    await this.#keeping;
    await this.reviews.close();
    this.#db.close();
  }

  #dataFile(index: number): string {
    return join(this.root, this.kind === "sidecar" ? sidecarPaths(index).annotations : filePaths(index).data);
  }

  /** From the snapshot, if there is one, and the files after it; then keeps a new snapshot where that is worth it, while queries go on. */
  async #loadFirst(head: Commit<PixelDatasetState | SidecarState>): Promise<void> {
    const { nFiles } = head.state;
    const snapshot = await this.#snapshots.newest(head);
    if (snapshot !== undefined && snapshot.nFiles <= nFiles)
      try {
        await this.#db.run(`INSERT INTO episodes SELECT * FROM read_parquet(${sqlText(snapshot.path)})`);
        this.#nFiles = snapshot.nFiles;
      } catch {
        await this.#db.run("DELETE FROM episodes"); // damaged or just removed: the episode files have it all
      }
    const nBefore = this.#nFiles;
    await this.#load(head.state);
    if (nFiles - nBefore >= SNAPSHOT_FILES)
      this.#keeping = this.#snapshots.keep(head, nFiles, (path) =>
        this.#db.aside(`COPY episodes TO ${sqlText(path)} (FORMAT parquet)`),
      );
  }

  async #load({ nFiles }: PixelDatasetState | SidecarState): Promise<void> {
    if (nFiles === this.#nFiles) return;
    const path = (i: number) =>
      join(this.root, this.kind === "sidecar" ? sidecarPaths(i).episodes : filePaths(i).episodes);
    const files = Array.from({ length: nFiles - this.#nFiles }, (_, i) => path(this.#nFiles + i));
    const isSidecar = this.kind === "sidecar";
    const fileIndex = isSidecar ? "file_index" : '("data/chunk_index" * 1000 + "data/file_index")';
    try {
      if (isSidecar)
        // a later file replaces what an earlier one says of an episode
        await this.#db.run(
          `DELETE FROM episodes WHERE episode_index IN (SELECT episode_index FROM read_parquet(${sqlList(files)}))`,
        );
      // Schema 1 has no reasons; the newest file has them if any has. Naming the columns keeps the others unread.
      const [reasons] = await this.#db.rows(
        `SELECT count(*) AS n FROM parquet_schema(${sqlList(files.slice(-1))}) WHERE name = 'annotation/doubt_reason'`,
      );
      const reason = reasons!["n"] === 0 ? "''" : `coalesce("annotation/doubt_reason", '')`;
      await this.#db
        .run(`INSERT INTO episodes SELECT episode_index, source_key, split, coalesce(tasks[1], ''), length, "annotation/phrase", "annotation/n_annotated", "annotation/n_with_mask",
        "annotation/mean_score", "annotation/min_score", "annotation/doubt", ${reason}, ${fileIndex} FROM read_parquet(${sqlList(files)}, union_by_name = true)
        ${isSidecar ? "QUALIFY row_number() OVER (PARTITION BY episode_index ORDER BY file_index DESC) = 1" : ""}`);
    } catch (cause) {
      throw damagedStore(
        this.root,
        `its episode table cannot be read (${(cause as Error).message.split("\n")[0] ?? ""})`,
      );
    }
    this.#nFiles = nFiles;
  }

  async #storeDecisions(episodes: readonly number[]): Promise<void> {
    if (episodes.length === 0) return;
    await this.#db.exclusive(async (connection) => {
      for (let i = 0; i < episodes.length; i += 1000)
        await connection.run(
          `DELETE FROM decisions WHERE episode_index IN (${episodes
            .slice(i, i + 1000)
            .map(integer)
            .join(", ")})`,
        );
      const appender = await connection.createAppender("decisions");
      for (const episodeIndex of episodes) {
        const review = this.reviews.current(episodeIndex);
        if (review === undefined) continue;
        appender.appendBigInt(BigInt(episodeIndex));
        appender.appendVarchar(review.decision);
        appender.appendVarchar(review.author);
        appender.appendVarchar(review.time);
        appender.endRow();
      }
      appender.closeSync();
    });
  }
}

/** Numbers that go into SQL text are whole and not negative. */
function integer(value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`internal: ${value} is no row number`);
  return value;
}

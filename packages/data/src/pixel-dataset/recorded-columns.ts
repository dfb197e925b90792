import { join } from "node:path";
import type { Episode } from "../episode.ts";
import type { EpisodeIndex } from "../queries/episode-index.ts";
import { sqlList } from "../queries/duckdb.ts";
import { damagedStore } from "./errors.ts";

/** What the source had recorded of an episode, as a pixel dataset keeps it beside the LeRobot columns. */
export type RecordedColumns = Pick<
  Episode,
  | "split"
  | "nRawFrames"
  | "rawAction"
  | "rawFrameIndex"
  | "timestampS"
  | "rawGripper"
  | "rawGripperCommand"
  | "rawOpening"
>;

/** Episodes read with one query, where they are asked for one after the other. */
const AHEAD = 64;
const MAX_FRAMES_AHEAD = 4096;

/**
 * Reads the recorded columns of episodes. A query takes milliseconds however little it gives, so whoever walks through the
 * dataset gets the next episodes with the one asked for; who jumps about pays for one at a time.
 */
export class RecordedColumnsReader {
  readonly #index: EpisodeIndex;
  readonly #rawActionSize: number;
  readonly #ahead = new Map<number, RecordedColumns>();
  #last: number | undefined;

  constructor(index: EpisodeIndex, rawActionSize: number) {
    this.#index = index;
    this.#rawActionSize = rawActionSize;
  }

  /** @throws PVLA_PIXELS_DAMAGED */
  async of(episodeIndex: number): Promise<RecordedColumns> {
    const isWalking = this.#last !== undefined && episodeIndex > this.#last && episodeIndex <= this.#last + 2;
    this.#last = episodeIndex;
    const known = this.#ahead.get(episodeIndex);
    if (known !== undefined) return known;
    const alone = () => this.#read(episodeIndex, 1);
    // Damage in an episode ahead is reported when that one is asked for.
    const read = await (isWalking ? this.#read(episodeIndex, AHEAD).catch(alone) : alone());
    const found = read.get(episodeIndex);
    if (found === undefined)
      throw damagedStore(this.#index.root, `episode ${episodeIndex} is not in the episode table`);
    this.#ahead.clear();
    if (isWalking) for (const [key, columns] of read) this.#ahead.set(key, columns);
    return found;
  }

  async #read(first: number, count: number): Promise<Map<number, RecordedColumns>> {
    const places = await this.#index.filesOf(first, first + count);
    const path = places.get(first)?.path;
    if (path === undefined) return new Map();
    const wanted: number[] = [];
    let nFrames = 0;
    for (const [episodeIndex, place] of places) {
      nFrames += place.nFrames;
      if (place.path !== path || (nFrames > MAX_FRAMES_AHEAD && episodeIndex !== first)) break;
      wanted.push(episodeIndex);
    }
    const { database, root } = this.#index;
    const frames = await database.rows(
      `SELECT episode_index AS episode, "raw.frame_index" AS frame, "raw.timestamp" AS time, "raw.action" AS action FROM read_parquet(${sqlList([path])}) WHERE episode_index IN (${wanted.join()}) ORDER BY episode_index, frame_index`,
    );
    const table = path.replace(join(root, "data"), join(root, "meta", "episodes"));
    const signals = await database.rows(
      `SELECT episode_index AS episode, "raw/n_frames" AS n, "raw/gripper" AS gripper, "raw/gripper_command" AS command, "raw/opening" AS opening FROM read_parquet(${sqlList([table])}) WHERE episode_index IN (${wanted.join()})`,
    );
    const framesOf = new Map<number, Record<string, unknown>[]>(wanted.map((key) => [key, []]));
    for (const frame of frames) framesOf.get(Number(frame["episode"]))!.push(frame);
    const signalsOf = new Map(signals.map((row) => [Number(row["episode"]), row]));
    return new Map(
      wanted.map((episodeIndex) => {
        const { split, nFrames: promised } = places.get(episodeIndex)!;
        const own = framesOf.get(episodeIndex)!;
        if (own.length !== promised)
          throw damagedStore(
            path,
            `${own.length} frames of episode ${episodeIndex}, its episode table promises ${promised}`,
          );
        return [episodeIndex, { split, ...this.#columns(own, signalsOf.get(episodeIndex) ?? {}) }];
      }),
    );
  }

  #columns(frames: readonly Record<string, unknown>[], signals: Record<string, unknown>) {
    const size = this.#rawActionSize;
    const rawAction = new Float32Array(frames.length * size);
    for (const [t, frame] of frames.entries()) rawAction.set([frame["action"] as number | number[]].flat(), t * size);
    const signal = (name: string) =>
      signals[name] === null || signals[name] === undefined ? undefined : Float32Array.from(signals[name] as number[]);
    return {
      nRawFrames: Number(signals["n"]),
      rawAction,
      rawFrameIndex: Int32Array.from(frames, (frame) => Number(frame["frame"])),
      timestampS: Float64Array.from(frames, (frame) => Number(frame["time"])),
      rawGripper: signal("gripper"),
      rawGripperCommand: signal("command"),
      rawOpening: signal("opening"),
    };
  }
}

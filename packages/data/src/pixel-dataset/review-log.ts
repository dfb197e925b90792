import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { REVIEW_DECISIONS, type ReviewDecision } from "./annotation.ts";
import { cannotWrite, nothingThere } from "./errors.ts";
import { errno } from "./durable-files.ts";
import { writerIdentity } from "./writer-identity.ts";

const EVENT = z.object({
  version: z.literal(1),
  id: z.string().min(1),
  time: z.iso.datetime(),
  author: z.string(),
  episodeIndex: z.int().nonnegative(),
  decision: z.enum(REVIEW_DECISIONS).nullable().describe("null for an undo"),
  note: z.string(),
  undoes: z.string().nullable().describe("id of the event that no longer counts"),
});

/** One line of a review log: a decision on an episode, or the undoing of an earlier event. */
export type ReviewEvent = z.output<typeof EVENT>;

/** What counts for an episode now. */
export interface Review {
  readonly episodeIndex: number;
  readonly decision: ReviewDecision;
  readonly author: string;
  readonly time: string;
  readonly note: string;
  /** Id of the event behind it. */
  readonly id: string;
}

const FOLDER = "reviews";

/**
 * Review decisions of a pixel dataset or sidecar: lines of JSON that are only ever appended, one file per writing process
 * (`reviews/*.jsonl`). Nothing is overwritten, so everything can be undone and every decision has an author and a time.
 */
export class ReviewLog {
  readonly #folder: string;
  readonly #events = new Map<string, ReviewEvent>();
  readonly #byEpisode = new Map<number, ReviewEvent[]>();
  readonly #read = new Map<string, number>();
  #own: FileHandle | undefined;
  /** Lines of other files that are no events; reported, never dropped silently. */
  nUnreadable = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Opens the log below `root` and reads what is there. */
  static async open(root: string): Promise<ReviewLog> {
    const log = new ReviewLog(join(root, FOLDER));
    await log.refresh();
    return log;
  }

  /** Reads what other processes have appended since. @returns the episodes it concerns */
  async refresh(): Promise<Set<number>> {
    const touched = new Set<number>();
    let names: string[];
    try {
      names = await readdir(this.#folder);
    } catch (error) {
      if (errno(error) === "ENOENT") return touched;
      throw error;
    }
    for (const name of names.filter((one) => one.endsWith(".jsonl")).sort()) {
      for (const line of await this.#newLines(name)) {
        const event = parseEvent(line);
        if (event === undefined) this.nUnreadable++;
        else if (this.#take(event)) touched.add(event.episodeIndex);
      }
    }
    return touched;
  }

  /** Records a decision. It is on the disk when this returns. @throws PVLA_PIXELS_WRITE */
  async decide(episodeIndex: number, decision: ReviewDecision, author: string, note = ""): Promise<Review> {
    await this.#append({ ...this.#stamp(episodeIndex, author), decision, note, undoes: null });
    return this.current(episodeIndex)!;
  }

  /**
   * Takes back the decision that counts for an episode; the one before it counts again.
   *
   * @returns what counts now, or undefined for a pending episode
   * @throws PVLA_PIXELS_MISSING when there is nothing to undo
   */
  async undo(episodeIndex: number, author: string, note = ""): Promise<Review | undefined> {
    const now = this.current(episodeIndex);
    if (now === undefined)
      throw nothingThere(`Undoing the review of episode ${episodeIndex}`, "no decision on it", "Decide first");
    await this.#append({ ...this.#stamp(episodeIndex, author), decision: null, note, undoes: now.id });
    return this.current(episodeIndex);
  }

  /** What counts for an episode: its newest decision that nobody has undone. */
  current(episodeIndex: number): Review | undefined {
    const events = this.history(episodeIndex);
    const undone = new Set<string>();
    for (let i = events.length - 1; i >= 0; i--) {
      const { id, undoes, decision, author, time, note } = events[i]!;
      if (undone.has(id)) continue;
      if (undoes !== null) undone.add(undoes);
      else if (decision !== null) return { episodeIndex, decision, author, time, note, id };
    }
    return undefined;
  }

  /** All events of an episode, oldest first. */
  history(episodeIndex: number): readonly ReviewEvent[] {
    return this.#byEpisode.get(episodeIndex) ?? [];
  }

  /** Episodes with events. */
  episodes(): IterableIterator<number> {
    return this.#byEpisode.keys();
  }

  /** Releases the file. */
  async close(): Promise<void> {
    await this.#own?.close();
    this.#own = undefined;
  }

  #stamp(episodeIndex: number, author: string) {
    // Later than everything known of the episode, even if another machine's clock runs ahead.
    const last = this.history(episodeIndex).at(-1)?.time ?? "";
    const now = new Date().toISOString();
    const time = now > last ? now : new Date(Date.parse(last) + 1).toISOString();
    return { version: 1 as const, id: randomUUID(), time, author, episodeIndex };
  }

  async #append(event: ReviewEvent): Promise<void> {
    try {
      if (this.#own === undefined) {
        await mkdir(this.#folder, { recursive: true });
        this.#own = await open(join(this.#folder, `${writerIdentity()}.jsonl`), "ax");
      }
      await this.#own.appendFile(`${JSON.stringify(event)}\n`);
      await this.#own.sync();
    } catch (cause) {
      throw cannotWrite(this.#folder, cause);
    }
    this.#take(event);
  }

  #take(event: ReviewEvent): boolean {
    if (this.#events.has(event.id)) return false;
    this.#events.set(event.id, event);
    const events = this.#byEpisode.get(event.episodeIndex) ?? [];
    events.push(event);
    events.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : a.id < b.id ? -1 : 1));
    this.#byEpisode.set(event.episodeIndex, events);
    return true;
  }

  /** Whole lines appended to a file since the last look. A line cut off by a kill has no end and is never a line. */
  async #newLines(name: string): Promise<string[]> {
    const file = await open(join(this.#folder, name), "r");
    try {
      const from = this.#read.get(name) ?? 0;
      const { size } = await file.stat();
      if (size <= from) return [];
      const bytes = Buffer.alloc(size - from);
      await file.read(bytes, 0, bytes.length, from);
      const end = bytes.lastIndexOf(10) + 1;
      this.#read.set(name, from + end);
      return bytes
        .toString("utf8", 0, end)
        .split("\n")
        .filter((line) => line !== "");
    } finally {
      await file.close();
    }
  }
}

function parseEvent(line: string): ReviewEvent | undefined {
  try {
    return EVENT.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

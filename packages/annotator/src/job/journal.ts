import { closeSync, fsyncSync, mkdirSync, openSync, truncateSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { frameAnnotation, NO_QUALITY, type FrameAnnotation } from "@pixelvla/data";
import { explainDiskFull } from "@pixelvla/jobs";
import { damagedJournal } from "../errors.ts";
import type { EpisodeBody, EpisodeHead, EpisodeRecord } from "../pipeline/episode-record.ts";
import { wholeLines } from "./lines.ts";

const SYNC_MS = 1000;

/** Files of one run inside a job directory. */
export const runPaths = (jobDir: string, run: string) => {
  const dir = join(jobDir, "work", run);
  return {
    dir,
    episodes: join(dir, "episodes.jsonl"),
    /** Episodes annotated again after they were dropped, until they take their place among `episodes`. */
    retries: join(dir, "retries.jsonl"),
    reels: join(dir, "reels.jsonl"),
    previews: join(dir, "previews"),
  };
};

/** A record as the journal holds it: the head is parsed, the body only when asked for. */
export interface JournalEntry {
  readonly head: EpisodeHead;
  /** As it is in the file, without its end. */
  readonly line: string;
  body(): EpisodeBody | undefined;
}

/**
 * Appends finished episodes to a file, one a line: head, tab, body, both JSON. Episodes come in order of their position, so the
 * last line says where to go on. A line cut off by a kill has no end; it is cut away when the journal is opened, and its
 * episode is annotated again.
 */
export class Journal {
  readonly #path: string;
  #fd: number | undefined;
  #syncedMs = 0;
  #last = -1;

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * Opens the journal for appending.
   *
   * @param onHead called with every episode that is in it already
   * @throws PVLA_ANNOTATE_JOURNAL for a line before the last that makes no sense
   */
  static open(path: string, onHead: (head: EpisodeHead) => void = () => undefined): Journal {
    const journal = new Journal(path);
    mkdirSync(dirname(path), { recursive: true });
    let end = 0;
    for (const entry of readEntries(path)) {
      onHead(entry.head);
      journal.#last = entry.head.position;
      end = entry.end;
    }
    journal.#fd = openSync(path, "a");
    truncateSync(path, end);
    return journal;
  }

  /** Position of the newest episode, or -1. */
  get last(): number {
    return this.#last;
  }

  /** Adds an episode; a kill of this process cannot lose it any more, a power cut at most those of the last second. */
  append({ head, body }: EpisodeRecord): void {
    if (this.#fd === undefined) throw new Error("internal: the journal is closed");
    if (head.position <= this.#last) throw new Error(`internal: episode ${head.position} after ${this.#last}`);
    const line = Buffer.from(`${JSON.stringify(head)}\t${body === undefined ? "" : JSON.stringify(body)}\n`);
    try {
      // One call a line: a kill between two calls would leave half a line, which is cut away all the same.
      for (let at = 0; at < line.length;) at += writeSync(this.#fd, line, at);
      if (Date.now() - this.#syncedMs > SYNC_MS) this.#sync();
    } catch (error) {
      throw explainDiskFull(error, this.#path, "the journal");
    }
    this.#last = head.position;
  }

  close(): void {
    if (this.#fd === undefined) return;
    this.#sync();
    closeSync(this.#fd);
    this.#fd = undefined;
  }

  #sync(): void {
    fsyncSync(this.#fd!);
    this.#syncedMs = Date.now();
  }
}

/** Episodes of a journal, in order. @throws PVLA_ANNOTATE_JOURNAL */
export function* readJournal(path: string): Generator<JournalEntry> {
  for (const { head, line, body } of readEntries(path)) yield { head, line, body };
}

function* readEntries(path: string): Generator<JournalEntry & { end: number }> {
  let number = 0;
  let last = -1;
  let broken: number | undefined;
  for (const { text, end } of wholeLines(path)) {
    number++;
    if (broken !== undefined) throw damagedJournal(path, broken, "is no record of an episode");
    const tab = text.indexOf("\t");
    const head = tab < 0 ? undefined : (parse(text.slice(0, tab)) as EpisodeHead | undefined);
    const rest = text.slice(tab + 1);
    // After a power cut a last line may hold zeros, or a body cut short: then it does not count.
    if (head === undefined || !(head.position > last) || (rest !== "" && !rest.endsWith("}"))) {
      broken = number;
      continue;
    }
    last = head.position;
    yield { head, line: text, end, body: () => (rest === "" ? undefined : bodyFromJson(rest, path, number)) };
  }
}

function bodyFromJson(text: string, path: string, line: number): EpisodeBody {
  const body = parse(text) as EpisodeBody | undefined;
  if (body === undefined) throw damagedJournal(path, line, "holds annotations that are no JSON");
  // JSON leaves out what is undefined.
  const annotations = body.annotations.map((annotation): FrameAnnotation => {
    const quality = { ...NO_QUALITY, ...annotation.quality };
    return frameAnnotation({ ...annotation, quality });
  });
  return { rawFrameIndex: body.rawFrameIndex, annotations };
}

/** Undefined for what is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

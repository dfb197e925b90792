import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "@pixelvla/jobs";
import { CAUSES, type Cause } from "../funnel/causes.ts";
import type { FunnelCounter } from "../funnel/funnel.ts";
import type { EpisodeHead } from "../pipeline/episode-record.ts";

/** Thumbnails kept of kept episodes, and of those dropped for one cause. */
const KEPT = 24;
const PER_CAUSE = 4;

/** A thumbnail and what stands below it. */
export interface StoredPreview {
  readonly position: number;
  readonly episodeIndex: number;
  readonly task: string;
  /** Absent for kept episodes. */
  readonly cause?: Cause | undefined;
  readonly caption: string;
  readonly jpeg: Uint8Array;
}

/** Whether another thumbnail is wanted of what `cause` stands for, given what is counted so far. */
export const wantsPreview = (funnel: FunnelCounter, cause: Cause | undefined): boolean =>
  cause === undefined ? funnel.nKept < KEPT : funnel.nDropped(cause) < PER_CAUSE;

/** What stands below an episode's thumbnail. */
export const captionOf = ({ cause, detail, phrase, doubt, doubtReason }: EpisodeHead): string =>
  cause === undefined
    ? `${phrase ?? ""}, doubt ${(doubt ?? 0).toFixed(2)}: ${doubtReason ?? ""}`
    : `${cause}: ${detail ?? CAUSES[cause]}`;

/** Stores an episode's thumbnail below `dir`; again for the same episode changes nothing. */
export function storePreview(dir: string, head: EpisodeHead, jpeg: Uint8Array): void {
  mkdirSync(dir, { recursive: true });
  const { position, episodeIndex, task, cause } = head;
  const about = { position, episodeIndex, task, ...(cause !== undefined && { cause }), caption: captionOf(head) };
  writeFileAtomic(`${nameOf(dir, position)}.jpg`, jpeg);
  writeFileAtomic(`${nameOf(dir, position)}.json`, JSON.stringify(about));
}

/** Removes the thumbnail of an episode that is annotated again. */
export function forgetPreview(dir: string, position: number): void {
  for (const ending of ["json", "jpg"]) rmSync(`${nameOf(dir, position)}.${ending}`, { force: true });
}

const nameOf = (dir: string, position: number) => join(dir, String(position).padStart(8, "0"));

/** The first thumbnails of every kind over several folders, in episode order: those that one run over all would keep. */
export function loadPreviews(dirs: readonly string[]): StoredPreview[] {
  const all = dirs.flatMap((dir) => readFolder(dir)).sort((a, b) => a.position - b.position);
  const counts = new Map<Cause | undefined, number>();
  return all.filter(({ cause }) => {
    const n = counts.get(cause) ?? 0;
    counts.set(cause, n + 1);
    return n < (cause === undefined ? KEPT : PER_CAUSE);
  });
}

function readFolder(dir: string): StoredPreview[] {
  let names: string[];
  try {
    names = readdirSync(dir).filter((name) => name.endsWith(".json"));
  } catch {
    return []; // no thumbnail was made
  }
  return names.map((name) => {
    const path = join(dir, name);
    const about = JSON.parse(readFileSync(path, "utf8")) as Omit<StoredPreview, "jpeg">;
    return { ...about, jpeg: readFileSync(path.replace(/json$/, "jpg")) };
  });
}

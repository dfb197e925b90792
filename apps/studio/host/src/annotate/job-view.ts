import { open, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { FunnelCounter, type EpisodeHead, type Funnel } from "@pixelvla/annotator";
import type { JobFunnel, JobPreview, JobView } from "@pixelvla/studio-contract";
import type { RunCatalog } from "../runs/catalog.ts";
import { commandsIn } from "../runs/detail.ts";
import { fileInside } from "../runs/run-files.ts";

const POLL_MS = 700;
const CHUNK_BYTES = 1 << 20;
const MAX_PREVIEWS = 96;

/** An annotation job as it stands, and again whenever something of it is different: whoever started it, here or at a terminal. */
export async function* followJob(catalog: RunCatalog, runId: string, signal: AbortSignal): AsyncGenerator<JobView> {
  const { dir } = (await catalog.get(runId)).place;
  const journal = new JournalFollower(dir);
  let told = "";
  while (!signal.aborted) {
    const { row } = await catalog.get(runId);
    const counted = await journal.funnel();
    const previews = await previewsOf(dir, journal.run);
    const funnel = journalIsBehind(counted, row.progress?.done) ? ((await finalFunnel(dir)) ?? counted) : counted;
    const view: JobView = { row, commands: commandsIn(row.state), funnel, previews };
    const now = JSON.stringify({ ...view, row: { ...row, heartbeatAt: "" } });
    if (now !== told) yield view;
    told = now;
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** A finished job's folder may have been moved without its working files; then the results say it. */
const journalIsBehind = ({ nIn }: JobFunnel, nDone: number | undefined) => nIn === 0 && (nDone ?? 0) > 0;

async function finalFunnel(dir: string): Promise<JobFunnel | undefined> {
  const found = await fileInside(dir, "results/funnel.json");
  if (found === undefined) return undefined;
  try {
    return inBrief(JSON.parse(await readFile(found.path, "utf8")) as Funnel);
  } catch {
    return undefined; // being replaced: next time
  }
}

/** Counts a job's journal as it grows; only the head of each line is read, and no more at once than the host can bear. */
class JournalFollower {
  readonly #dir: string;
  /** Name of the run that the journal belongs to. */
  run: string | undefined;
  #counter = newCounter();
  #offset = 0;
  #inode = 0;

  constructor(dir: string) {
    this.#dir = dir;
  }

  async funnel(): Promise<JobFunnel> {
    this.run = await latestRun(this.#dir);
    if (this.run === undefined) return inBrief(this.#counter.funnel());
    const found = await fileInside(this.#dir, `work/${this.run}/episodes.jsonl`);
    if (found === undefined) return inBrief(this.#counter.funnel());
    const { ino, size } = await stat(found.path);
    if (ino !== this.#inode || size < this.#offset) {
      this.#counter = newCounter();
      this.#offset = 0;
      this.#inode = ino;
    }
    await this.#read(found.path, size);
    return inBrief(this.#counter.funnel());
  }

  async #read(path: string, size: number): Promise<void> {
    const file = await open(path, "r");
    try {
      let rest = Buffer.alloc(0);
      for (let at = this.#offset; at < size;) {
        const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, size - at));
        const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
        if (bytesRead === 0) return;
        at += bytesRead;
        const bytes = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
        const end = bytes.lastIndexOf(10) + 1;
        for (let from = 0; from < end;) {
          const next = bytes.indexOf(10, from) + 1;
          const tab = bytes.indexOf(9, from);
          this.#take(bytes.toString("utf8", from, tab > 0 && tab < next ? tab : next - 1));
          from = next;
        }
        rest = bytes.subarray(end);
        this.#offset = at - rest.length;
      }
    } finally {
      await file.close();
    }
  }

  #take(head: string): void {
    try {
      this.#counter.add(JSON.parse(head) as EpisodeHead);
    } catch {
      // a damaged line: the job itself refuses to go on from it and says so
    }
  }
}

const newCounter = () => new FunnelCounter({ dataset: "", recipe: "", run: "" });

function inBrief({ nIn, nKept, dropped, kept }: Funnel): JobFunnel {
  const { nFrames, nFramesWithMask, meanScore, meanDoubt } = kept;
  return { nIn, nKept, dropped, nFrames, nFramesWithMask, meanScore, meanDoubt };
}

/** The run that was worked on last: a directory may hold several, one for each recipe it was run with. */
async function latestRun(dir: string): Promise<string | undefined> {
  const names = (await readdir(join(dir, "work"), { withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  const times = await Promise.all(
    names.map(async (name) => ({
      name,
      ms: (await stat(join(dir, "work", name)).catch(() => undefined))?.mtimeMs ?? 0,
    })),
  );
  return times.sort((a, b) => b.ms - a.ms)[0]?.name;
}

/** Thumbnails of the run, kept episodes first, then by cause. */
async function previewsOf(dir: string, run: string | undefined): Promise<JobPreview[]> {
  if (run === undefined) return [];
  const folder = `work/${run}/previews`;
  const names = (await readdir(join(dir, folder)).catch(() => [])).filter((name) => /^\d+\.json$/.test(name)).sort();
  const found = await Promise.all(
    names.slice(0, MAX_PREVIEWS).map(async (name): Promise<JobPreview | undefined> => {
      try {
        const text = await readFile(join(dir, folder, name), "utf8");
        const about = JSON.parse(text) as Omit<JobPreview, "path">;
        const { episodeIndex, task, caption, cause } = about;
        return { episodeIndex, task, caption, cause, path: `${folder}/${name.replace(/json$/, "jpg")}` };
      } catch {
        return undefined;
      }
    }),
  );
  const previews = found.filter((preview) => preview !== undefined);
  return previews.sort((a, b) => (a.cause ?? "").localeCompare(b.cause ?? ""));
}

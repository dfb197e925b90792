import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { nearestName } from "@pixelvla/core";
import { explainDiskFull } from "@pixelvla/jobs";
import { badRetry } from "../errors.ts";
import { CAUSES, type Cause } from "../funnel/causes.ts";
import { readJournal, type JournalEntry, type runPaths } from "./journal.ts";

type RunPaths = ReturnType<typeof runPaths>;

/** Causes from `model-failed,damaged`, or `all` for every one. @throws PVLA_ARGUMENTS */
export function parseRetry(text: string): Cause[] {
  const known = Object.keys(CAUSES) as Cause[];
  if (text === "all") return known;
  return text.split(",").map((part) => {
    const name = part.trim();
    const cause = known.find((one) => one === name);
    if (cause === undefined) throw badRetry(name, known, nearestName(name, known));
    return cause;
  });
}

/**
 * Puts what was annotated again in the place of what was dropped. The journal is replaced whole or not at all, so a kill at any
 * moment leaves the old one or the new; done twice it changes nothing.
 *
 * @throws PVLA_ANNOTATE_JOURNAL
 */
export function foldRetries({ episodes, retries }: RunPaths): void {
  if (!existsSync(retries)) return;
  const aside = `${episodes}.new`;
  const fd = openSync(aside, "w");
  try {
    for (const { line } of replaced(readJournal(episodes), readJournal(retries))) writeFileSync(fd, `${line}\n`);
    fsyncSync(fd);
  } catch (error) {
    throw explainDiskFull(error, aside, "the journal");
  } finally {
    closeSync(fd);
  }
  renameSync(aside, episodes);
  rmSync(retries);
}

/** The old entries, with the new one wherever there is one; both in order of their position. */
function* replaced(old: Iterable<JournalEntry>, again: Generator<JournalEntry>): Generator<JournalEntry> {
  let next = again.next();
  for (const entry of old) {
    while (next.done !== true && next.value.head.position < entry.head.position) next = again.next();
    yield next.done !== true && next.value.head.position === entry.head.position ? next.value : entry;
  }
}

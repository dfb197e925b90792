import { closeSync, fsyncSync, openSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { z } from "zod";
import { syncFolder, writeFileAtomic } from "./atomic-file.ts";
import { explainDiskFull } from "./disk-full.ts";
import { badCheckpoint, noCheckpoint } from "./errors.ts";
import { checkpointName, checkpointStep, jobPaths } from "./paths.ts";

/** Written last into every checkpoint folder: what must be there for it to be whole. */
const manifestSchema = z.object({
  version: z.literal(1),
  step: z.int().nonnegative(),
  savedAt: z.iso.datetime(),
  files: z.record(z.string(), z.int().nonnegative()).describe("Bytes of each file, by path inside the checkpoint"),
});
const MANIFEST = "checkpoint.json";

/** One whole checkpoint of a job. */
export interface Checkpoint {
  readonly step: number;
  readonly dir: string;
  readonly savedAt: string;
  readonly bytes: number;
}

/**
 * Writes checkpoint `step`: `write` fills a folder aside, everything is synced, and one rename makes it visible; then
 * `latest` names it. A process killed at any point leaves the previous checkpoint as the latest.
 * @throws PVLA_DISK_FULL when the device is full; the folder aside is removed and earlier checkpoints stay
 */
export async function writeCheckpoint(
  jobDir: string,
  step: number,
  write: (dir: string) => Promise<void> | void,
): Promise<Checkpoint> {
  const { checkpoints, latest } = jobPaths(jobDir);
  const name = checkpointName(step);
  const dir = join(checkpoints, name);
  const aside = join(checkpoints, `.${name}.tmp`);
  try {
    rmSync(aside, { recursive: true, force: true });
    await mkdir(aside, { recursive: true });
    await write(aside);
    const files = Object.fromEntries(
      listFiles(aside).map((file) => [slashed(relative(aside, file)), statSync(file).size]),
    );
    for (const file of listFiles(aside)) syncFile(file);
    const manifest = { version: 1, step, savedAt: new Date().toISOString(), files };
    writeFileAtomic(join(aside, MANIFEST), JSON.stringify(manifest, null, 2) + "\n", { durable: true });
    replaceFolder(aside, dir);
    syncFolder(checkpoints);
    writeFileAtomic(latest, name + "\n", { durable: true });
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    throw explainDiskFull(error, dir, `checkpoint ${name}`);
  }
  return readCheckpoint(dir);
}

/** Puts `aside` in the place of `dir`. Between the two renames the old folder is found under its `.old` name. */
function replaceFolder(aside: string, dir: string): void {
  const old = oldName(dir);
  rmSync(old, { recursive: true, force: true });
  try {
    renameSync(dir, old);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  renameSync(aside, dir);
  rmSync(old, { recursive: true, force: true });
}

const oldName = (dir: string) => join(dir, "..", `.${dir.split(/[\\/]/).at(-1) ?? ""}.old`);
const slashed = (path: string) => path.split(sep).join("/");

function listFiles(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function syncFile(file: string): void {
  const fd = openSync(file, "r+");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Reads and checks the checkpoint folder `dir`. @throws PVLA_CHECKPOINT_DAMAGED when a file is missing or has another size */
export function readCheckpoint(dir: string): Checkpoint {
  let manifest: z.output<typeof manifestSchema>;
  try {
    manifest = manifestSchema.parse(JSON.parse(readFileSync(join(dir, MANIFEST), "utf8")));
  } catch (error) {
    throw badCheckpoint(dir, `its ${MANIFEST} is missing or unreadable`, error);
  }
  let bytes = 0;
  for (const [file, size] of Object.entries(manifest.files)) {
    const found = statSync(join(dir, file), { throwIfNoEntry: false })?.size;
    if (found !== size) throw badCheckpoint(dir, `${file} has ${found ?? "no"} bytes, ${size} were saved`);
    bytes += size;
  }
  return { step: manifest.step, dir, savedAt: manifest.savedAt, bytes };
}

/** Whole checkpoints of the job, first to last step. Damaged and half-written ones are left out. */
export function listCheckpoints(jobDir: string): Checkpoint[] {
  const { checkpoints } = jobPaths(jobDir);
  let names: string[];
  try {
    names = readdirSync(checkpoints);
  } catch {
    return [];
  }
  return names
    .filter((name) => checkpointStep(name) !== undefined)
    .flatMap((name) => {
      try {
        return [readCheckpoint(join(checkpoints, name))];
      } catch {
        return [];
      }
    })
    .sort((a, b) => a.step - b.step);
}

/** The checkpoint to go on from: the one `latest` names, or the highest whole one where that is missing or damaged. */
export function findLatestCheckpoint(jobDir: string): Checkpoint | undefined {
  const { checkpoints, latest } = jobPaths(jobDir);
  try {
    return readCheckpoint(join(checkpoints, readFileSync(latest, "utf8").trim()));
  } catch {
    return listCheckpoints(jobDir).at(-1);
  }
}

/** As `findLatestCheckpoint`. @throws PVLA_NO_CHECKPOINT when there is none */
export function latestCheckpoint(jobDir: string): Checkpoint {
  const found = findLatestCheckpoint(jobDir);
  if (found === undefined) throw noCheckpoint(jobDir);
  return found;
}

/** Removes all but the last `keepLast` checkpoints and those that `keep` wants, never the latest. */
export function pruneCheckpoints(
  jobDir: string,
  keepLast: number,
  keep: (step: number) => boolean = () => false,
): void {
  const all = listCheckpoints(jobDir);
  for (const { dir, step } of all.slice(0, Math.max(0, all.length - Math.max(1, keepLast)))) {
    if (keep(step)) continue;
    const grave = join(dir, "..", `.${checkpointName(step)}.removed`);
    renameSync(dir, grave); // a kill in the middle of the removal leaves no half checkpoint under a good name
    rmSync(grave, { recursive: true, force: true });
  }
}

/** Tidies what a killed process left: half-written folders go, a folder caught between two renames comes back. */
export function recoverCheckpoints(jobDir: string): void {
  const { checkpoints } = jobPaths(jobDir);
  let names: string[];
  try {
    names = readdirSync(checkpoints);
  } catch {
    return;
  }
  for (const name of names) {
    const path = join(checkpoints, name);
    const old = /^\.(step-\d+)\.old$/.exec(name);
    if (old?.[1] !== undefined && !names.includes(old[1])) renameSync(path, join(checkpoints, old[1]));
    else if (/^\.step-\d+\.(old|tmp|removed)$/.test(name) || name.startsWith("latest.tmp-"))
      rmSync(path, { recursive: true, force: true });
  }
}

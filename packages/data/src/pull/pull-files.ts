import { mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { replaceDurably } from "../pixel-dataset/durable-files.ts";
import { downloadFile, hashOf } from "./download-file.ts";
import type { Endpoints, RemoteFile, RemoteListing } from "./remote-files.ts";

/** How to download. */
export interface PullOptions extends Endpoints {
  /** Take only paths that match one of these patterns (`*` within a name, `**` across folders). */
  readonly include?: readonly string[] | undefined;
  /** Downloads at once; default 4. */
  readonly parallel?: number | undefined;
  /** Hash files again that an earlier run has checked. */
  readonly verify?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?:
    | ((progress: {
        nFilesDone: number;
        nFiles: number;
        bytesDone: number;
        bytesTotal: number | undefined;
        file: string;
      }) => void)
    | undefined;
}

/** What was downloaded, from exactly where. Also written to `pull.json` in the folder. */
export interface PullReport {
  readonly source: string;
  readonly origin: string;
  /** As the source's card states it. */
  readonly license?: string;
  readonly nFiles: number;
  readonly nDownloaded: number;
  readonly nBytes: number;
  /** Files without a hash at the source: only their length was checked. */
  readonly nWithoutHash: number;
}

/** `pull.json`: what lies in a folder, from exactly where. */
export interface Manifest {
  readonly version: 1;
  readonly source: string;
  readonly origin: string;
  readonly license?: string;
  readonly files: Readonly<Record<string, { readonly sizeBytes: number; readonly hash: string | null }>>;
}

/** Name of the file in which a pulled folder says where it comes from. */
export const MANIFEST = "pull.json";

/**
 * Downloads the files of a source into `folder`. Interrupted, the same call goes on where it stopped, within files too.
 *
 * @param source as the user wrote it, kept in the manifest
 * @throws PVLA_PULL_SERVER, PVLA_PULL_HASH, PVLA_PULL_PATH, PVLA_PIXELS_WRITE
 */
export async function pullFiles(
  source: string,
  listing: RemoteListing,
  folder: string,
  options: PullOptions = {},
): Promise<PullReport> {
  const patterns = options.include?.map(globPattern);
  const files = listing.files.filter(({ path }) => patterns?.some((pattern) => pattern.test(path)) ?? true);
  await mkdir(folder, { recursive: true });
  const before = await readManifest(folder);
  const known: Record<string, { sizeBytes: number; hash: string | null }> =
    before?.origin === listing.origin ? { ...before.files } : {};
  const sizes = files.map(({ sizeBytes }) => sizeBytes);
  const bytesTotal = sizes.every((size) => size !== undefined) ? sizes.reduce((a, b) => a + b, 0) : undefined;
  let [bytesDone, nFilesDone, nDownloaded, lastSaveMs] = [0, 0, 0, Date.now()];
  const report = (file: string) =>
    options.onProgress?.({ nFilesDone, nFiles: files.length, bytesDone, bytesTotal, file });
  const license = listing.license === undefined ? {} : { license: listing.license };
  const save = () =>
    replaceDurably(
      join(folder, MANIFEST),
      JSON.stringify(
        { version: 1, source, origin: listing.origin, ...license, files: known } satisfies Manifest,
        null,
        2,
      ),
    );

  const queue = files.values();
  const work = async () => {
    for (const file of queue) {
      options.signal?.throwIfAborted();
      const target = join(folder, file.path);
      if (await isWhole(file, target, known[file.path], options.verify === true)) bytesDone += file.sizeBytes ?? 0;
      else {
        await downloadFile(file, target, (n) => ((bytesDone += n), report(file.path)), options.signal, options);
        nDownloaded++;
      }
      known[file.path] = {
        sizeBytes: (await stat(target)).size,
        hash: file.hash === undefined ? null : `${file.hash.algorithm}:${file.hash.value}`,
      };
      nFilesDone++;
      report(file.path);
      if (Date.now() - lastSaveMs > 5000) {
        lastSaveMs = Date.now();
        await save();
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.max(1, options.parallel ?? 4) }, work));
  } finally {
    await save();
  }
  const nBytes = files.reduce((sum, { path }) => sum + (known[path]?.sizeBytes ?? 0), 0);
  return {
    source,
    origin: listing.origin,
    ...license,
    nFiles: files.length,
    nDownloaded,
    nBytes,
    nWithoutHash: files.filter(({ hash }) => hash === undefined).length,
  };
}

/** Whether a file is there and as the source says; a file this folder's manifest vouches for is not hashed again. */
async function isWhole(
  file: RemoteFile,
  target: string,
  known: { sizeBytes: number; hash: string | null } | undefined,
  verify: boolean,
): Promise<boolean> {
  const size = await stat(target).then(
    (s) => s.size,
    () => undefined,
  );
  if (size === undefined || (file.sizeBytes !== undefined && size !== file.sizeBytes)) return false;
  if (file.hash === undefined) return known?.sizeBytes === size;
  if (!verify && known?.sizeBytes === size && known.hash === `${file.hash.algorithm}:${file.hash.value}`) return true;
  return (await hashOf(target, file.hash.algorithm)) === file.hash.value;
}

/** A folder's `pull.json`; undefined where there is none. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    const manifest = JSON.parse(await readFile(join(folder, MANIFEST), "utf8")) as Manifest;
    return typeof manifest.files === "object" ? manifest : undefined;
  } catch {
    return undefined; // none yet, or damaged: every file is then checked against the source's hashes
  }
}

/** `*` within a name, `**` across folders, `?` one character. */
export function globPattern(glob: string): RegExp {
  const escaped = glob
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*\*\/?|\*|\?/g, (mark) => (mark.startsWith("**") ? ".*" : mark === "*" ? "[^/]*" : "[^/]"));
  return new RegExp(`^${escaped}$`);
}

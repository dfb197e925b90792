import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Dataset, OpenDatasetOptions } from "./episode.ts";
import { unknownFormat } from "./errors.ts";

/**
 * Opens a dataset of any known form. `path` is the folder with its metadata, one of its parents when that is unambiguous
 * (`bridge_dataset/` for `bridge_dataset/1.0.0/`), or a single `.hdf5` file.
 *
 * @throws PVLA_DATA_FORMAT when nothing readable is there, else what the reader of that form throws
 */
export async function openDataset(path: string, options: OpenDatasetOptions = {}): Promise<Dataset> {
  const found = await detect(resolve(path));
  if (!found) throw unknownFormat(path, await contentsOf(path));
  switch (found.form) {
    case "rlds":
      return (await import("./rlds/open-rlds.ts")).openRlds(found.root, options);
    case "lerobot":
      // A pixel dataset gives what it was made from: annotations are keyed by that recording's frames.
      if (await exists(join(found.root, ".pixelvla", "commits")))
        return (await import("./pixel-dataset/pixel-dataset-reader.ts")).openPixelDataset(found.root, options);
      return (await import("./lerobot/open-lerobot.ts")).openLerobot(found.root, options);
    case "libero-hdf5":
      return (await import("./libero/open-libero.ts")).openLibero(found.root, options);
    default:
      return found.form satisfies never;
  }
}

type Form = "rlds" | "lerobot" | "libero-hdf5";

/** Which form lies at `path`, looking down through folders that hold exactly one candidate. */
async function detect(path: string, depth = 0): Promise<{ form: Form; root: string } | undefined> {
  const info = await stat(path).catch(() => undefined);
  if (!info) return undefined;
  if (info.isFile()) return detectFile(path);
  const entries = await readdir(path, { withFileTypes: true });
  const names = new Set(entries.map(({ name }) => name));
  if (names.has("dataset_info.json")) return { form: "rlds", root: path };
  if (names.has("meta") && (await exists(join(path, "meta", "info.json")))) return { form: "lerobot", root: path };
  if ([...names].some((name) => /\.(hdf5|h5)$/i.test(name))) return { form: "libero-hdf5", root: path };
  if (depth >= 2) return undefined;
  const folders = entries.filter((entry) => !entry.isFile() && !entry.name.startsWith(".")).map(({ name }) => name);
  const versions = folders.filter((name) => /^\d+\.\d+\.\d+$/.test(name)).sort(byVersion);
  const candidates = versions.length > 0 ? [versions.at(-1)!] : folders;
  const found = (await Promise.all(candidates.map((name) => detect(join(path, name), depth + 1)))).filter(
    (f) => f !== undefined,
  );
  return found.length === 1 ? found[0] : undefined;
}

async function detectFile(path: string): Promise<{ form: Form; root: string } | undefined> {
  if (/\.(hdf5|h5)$/i.test(path)) return { form: "libero-hdf5", root: path };
  if (/\.tfrecord/.test(basename(path)) || basename(path) === "dataset_info.json") return detect(dirname(path), 2);
  if (basename(path) === "info.json" && basename(dirname(path)) === "meta") return detect(dirname(dirname(path)), 2);
  return undefined;
}

async function contentsOf(path: string): Promise<string> {
  const names = await readdir(path).catch(() => undefined);
  if (!names) return (await exists(path)) ? "a file of no known form" : "no such file or folder";
  const shown = names.slice(0, 8).join(", ");
  return names.length === 0
    ? "an empty folder"
    : `a folder with ${shown}${names.length > 8 ? ` and ${names.length - 8} more` : ""}`;
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

const byVersion = (a: string, b: string) => a.localeCompare(b, "en", { numeric: true });

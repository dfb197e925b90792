import { stat } from "node:fs/promises";
import { join } from "node:path";
import { hashOf } from "./download-file.ts";
import { notThereOffline, notAModel } from "./errors.ts";
import { KNOWN_MODELS, type KnownModel } from "./known-models.ts";
import { modelFolder, parseModelRepo } from "./models-folder.ts";
import {
  globPattern,
  pullFiles,
  readManifest,
  type Manifest,
  type PullOptions,
  type PullReport,
} from "./pull-files.ts";
import { listRemote, type RemoteFile, type StatedHash } from "./remote-files.ts";

/** How to pull a model. `include` given, exactly what it matches is taken, pickles too (they are never opened). */
export interface PullModelOptions extends PullOptions {
  /** Default: the repository's folder below `modelsFolder()`. */
  readonly folder?: string | undefined;
  /** Ask no server: check what an earlier pull has left and report it. */
  readonly offline?: boolean | undefined;
  /** Models by short name, with their pinned revisions and hashes; default: those this software knows. */
  readonly known?: Readonly<Record<string, KnownModel>> | undefined;
}

export interface PullModelReport extends PullReport {
  readonly folder: string;
  /** Files left out because they are pickles or weights of other frameworks. */
  readonly left: readonly string[];
}

/** Weights that this software does not read: pickles, TensorFlow, Flax, GGUF. */
const OTHER_WEIGHTS = /\.(bin|pt|pth|ckpt|pkl|pickle|h5|msgpack|tflite|gguf|ot)$|(^|\/)(tf_model|flax_model)/;

/**
 * Downloads a model repository of the Hugging Face hub: resumable, every file checked against the hash that the hub
 * states, pinned to one commit that `pull.json` names.
 *
 * @param model a known name, `OWNER/NAME[@REVISION]`
 * @throws PVLA_PULL_SOURCE, PVLA_PULL_SERVER, PVLA_PULL_HASH, PVLA_PULL_PATH, PVLA_PULL_OFFLINE, PVLA_PIXELS_WRITE
 */
export async function pullModel(model: string, options: PullModelOptions = {}): Promise<PullModelReport> {
  const { known: knownModels = KNOWN_MODELS } = options;
  const known = knownModels[model];
  const named = parseModelRepo(known?.repo ?? model);
  if (named === undefined) throw notAModel(model, Object.keys(knownModels));
  const folder = options.folder ?? modelFolder(named);
  if (options.offline === true) return checkOffline(model, folder, options);
  const source = {
    kind: "hub",
    repoType: "model",
    repo: named.repo,
    revision: named.revision ?? "main",
    folder: "",
  } as const;
  const listing = await listRemote(source, options, options.signal);
  const include = (options.include ?? known?.include)?.map(globPattern);
  const wanted = ({ path }: { path: string }) =>
    include === undefined
      ? !OTHER_WEIGHTS.test(path) && !path.startsWith(".")
      : include.some((pattern) => pattern.test(path));
  const files = listing.files.filter(wanted).map((file) => pinned(file, known));
  const left = include === undefined ? listing.files.map(({ path }) => path).filter((p) => OTHER_WEIGHTS.test(p)) : [];
  const report = await pullFiles(model, { ...listing, files }, folder, { ...options, include: undefined });
  return { ...report, folder, left };
}

/** A file whose hash is known here is checked against that one, not against what the server says. */
function pinned(file: RemoteFile, known: KnownModel | undefined): RemoteFile {
  const value = known?.sha256?.[file.path];
  return value === undefined ? file : { ...file, hash: { algorithm: "sha256", value } };
}

/** Checks a folder against its own manifest: sizes always, hashes with `verify`. */
async function checkOffline(model: string, folder: string, options: PullModelOptions): Promise<PullModelReport> {
  const manifest = await readManifest(folder);
  if (manifest === undefined) throw notThereOffline(model, folder, "nothing there");
  for (const [path, file] of Object.entries(manifest.files)) {
    options.signal?.throwIfAborted();
    await checkFile(model, folder, path, file, options.verify === true);
  }
  const files = Object.values(manifest.files);
  return {
    source: manifest.source,
    origin: manifest.origin,
    ...(manifest.license === undefined ? {} : { license: manifest.license }),
    nFiles: files.length,
    nDownloaded: 0,
    nBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    nWithoutHash: files.filter(({ hash }) => hash === null).length,
    folder,
    left: [],
  };
}

async function checkFile(
  model: string,
  folder: string,
  path: string,
  { sizeBytes, hash }: Manifest["files"][string],
  verify: boolean,
): Promise<void> {
  const target = join(folder, path);
  const size = await stat(target).then(
    (found) => found.size,
    () => undefined,
  );
  if (size === undefined) throw notThereOffline(model, folder, `${path} is missing`);
  if (size !== sizeBytes) throw notThereOffline(model, folder, `${path} has ${size} bytes, the hub's has ${sizeBytes}`);
  if (!verify || hash === null) return;
  const [algorithm, value] = hash.split(":") as [StatedHash["algorithm"], string];
  if ((await hashOf(target, algorithm)) !== value) throw notThereOffline(model, folder, `${path} is damaged`);
}

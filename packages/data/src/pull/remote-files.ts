import { datasetInfo, listFiles, modelInfo } from "@huggingface/hub";
import { z } from "zod";
import { serverRefused, unsafeRemotePath } from "./errors.ts";
import type { PullSource } from "./sources.ts";

/** A hash the source states. `git-blob` is SHA-1 over git's header and the content. */
export interface StatedHash {
  readonly algorithm: "sha256" | "md5" | "git-blob";
  /** Hexadecimal. */
  readonly value: string;
}

/** A file to download. */
export interface RemoteFile {
  /** Below the target folder, "/" between names. */
  readonly path: string;
  readonly url: string;
  /** Undefined where the source does not say. */
  readonly sizeBytes: number | undefined;
  readonly hash: StatedHash | undefined;
}

/** The files of a source at one fixed version. */
export interface RemoteListing {
  /** Exact origin: repository and commit, bucket and folder, or address. */
  readonly origin: string;
  readonly files: readonly RemoteFile[];
  /** Licence as the source's card states it; undefined where it does not. */
  readonly license?: string | undefined;
}

/** Where the services live; others than the public ones for mirrors and tests. */
export interface Endpoints {
  readonly hubUrl?: string | undefined;
  readonly bucketUrl?: string | undefined;
  /** Token of the hub, for gated and private repositories. */
  readonly accessToken?: string | undefined;
}

/** Lists a source. @throws PVLA_PULL_SERVER, PVLA_PULL_PATH */
export async function listRemote(
  source: PullSource,
  endpoints: Endpoints = {},
  signal?: AbortSignal,
): Promise<RemoteListing> {
  const listing =
    source.kind === "hub"
      ? await listHub(source, endpoints, signal)
      : source.kind === "bucket"
        ? await listBucket(source, endpoints, signal)
        : await listRlds(source, signal);
  for (const { path } of listing.files)
    if (
      path.startsWith("/") ||
      path.includes("\\") ||
      path.split("/").some((part) => part === "" || part === "." || part === "..")
    )
      throw unsafeRemotePath(listing.origin, path);
  return listing;
}

async function listHub(
  source: PullSource & { kind: "hub" },
  { hubUrl = "https://huggingface.co", accessToken }: Endpoints,
  signal?: AbortSignal,
): Promise<RemoteListing> {
  const { repo, repoType, folder } = source;
  const options = {
    hubUrl,
    ...(accessToken === undefined ? {} : { accessToken }),
    ...(signal === undefined ? {} : { fetch: withSignal(signal) }),
  };
  const prefix = repoType === "dataset" ? "datasets/" : "";
  try {
    const asked = { name: repo, revision: source.revision, ...options };
    const { sha, cardData } =
      repoType === "dataset"
        ? await datasetInfo({ ...asked, additionalFields: ["sha", "cardData"] })
        : await modelInfo({ ...asked, additionalFields: ["sha", "cardData"] });
    const files: RemoteFile[] = [];
    for await (const entry of listFiles({
      repo: { type: repoType, name: repo },
      revision: sha,
      path: folder,
      recursive: true,
      ...options,
    })) {
      if (entry.type !== "file") continue;
      const hash: StatedHash | undefined =
        entry.lfs !== undefined
          ? { algorithm: "sha256", value: entry.lfs.oid }
          : entry.oid === undefined
            ? undefined
            : { algorithm: "git-blob", value: entry.oid };
      files.push({
        path: below(entry.path, folder),
        url: `${hubUrl}/${prefix}${repo}/resolve/${sha}/${encodePath(entry.path)}`,
        sizeBytes: entry.lfs?.size ?? entry.size,
        hash,
      });
    }
    const origin = `hf://${prefix}${repo}@${sha}${folder === "" ? "" : `/${folder}`}`;
    return { origin, files, license: statedLicense(cardData) };
  } catch (cause) {
    signal?.throwIfAborted();
    throw serverRefused(`${hubUrl}/${prefix}${repo}`, (cause as Error).message, cause);
  }
}

/** `license`, or `license_name` where that says "other". */
function statedLicense(card: unknown): string | undefined {
  const { license, license_name: name } = (card ?? {}) as { license?: unknown; license_name?: unknown };
  const text = [license === "other" ? (name ?? license) : license].flat().filter((part) => typeof part === "string");
  return text.length === 0 ? undefined : text.join(", ");
}

const BUCKET_PAGE = z.looseObject({
  nextPageToken: z.string().optional(),
  items: z
    .array(z.looseObject({ name: z.string(), size: z.coerce.number(), md5Hash: z.string().optional() }))
    .default([]),
});

async function listBucket(
  source: PullSource & { kind: "bucket" },
  { bucketUrl = "https://storage.googleapis.com" }: Endpoints,
  signal?: AbortSignal,
): Promise<RemoteListing> {
  const { bucket, folder } = source;
  const files: RemoteFile[] = [];
  for (let token: string | undefined = ""; token !== undefined;) {
    const query = new URLSearchParams({
      prefix: `${folder}/`,
      maxResults: "1000",
      ...(token === "" ? {} : { pageToken: token }),
    });
    const page = BUCKET_PAGE.parse(
      await fetchJson(`${bucketUrl}/storage/v1/b/${bucket}/o?${query.toString()}`, signal),
    );
    for (const { name, size, md5Hash } of page.items) {
      if (name.endsWith("/")) continue; // folder markers
      const hash: StatedHash | undefined =
        md5Hash === undefined ? undefined : { algorithm: "md5", value: Buffer.from(md5Hash, "base64").toString("hex") };
      files.push({
        path: below(name, folder),
        url: `${bucketUrl}/${bucket}/${encodePath(name)}`,
        sizeBytes: size,
        hash,
      });
    }
    token = page.nextPageToken;
  }
  return { origin: `gs://${bucket}/${folder}`, files };
}

const RLDS_INFO = z.looseObject({
  name: z.string().regex(/^[\w.-]+$/),
  splits: z.array(
    z.looseObject({ name: z.string().regex(/^[\w.-]+$/), shardLengths: z.array(z.unknown()).max(100_000) }),
  ),
});

/** A web folder without a listing: an RLDS version's own metadata names its files. */
async function listRlds({ baseUrl }: PullSource & { kind: "rlds-web" }, signal?: AbortSignal): Promise<RemoteListing> {
  const parsed = RLDS_INFO.safeParse(await fetchJson(`${baseUrl}/dataset_info.json`, signal));
  if (!parsed.success) throw serverRefused(`${baseUrl}/dataset_info.json`, "no RLDS metadata");
  const five = (n: number) => String(n).padStart(5, "0");
  const shards = parsed.data.splits.flatMap(({ name, shardLengths }) =>
    shardLengths.map((_, i) => `${parsed.data.name}-${name}.tfrecord-${five(i)}-of-${five(shardLengths.length)}`),
  );
  const files = ["dataset_info.json", "features.json", ...shards].map((path) => ({
    path,
    url: `${baseUrl}/${path}`,
    sizeBytes: undefined,
    hash: undefined,
  }));
  return { origin: baseUrl, files };
}

async function fetchJson(url: string, signal: AbortSignal | undefined): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(url, { signal: signal ?? null });
  } catch (cause) {
    signal?.throwIfAborted();
    throw serverRefused(url, `no answer (${(cause as Error).message})`, cause);
  }
  if (!response.ok) throw serverRefused(url, `status ${response.status}`);
  try {
    return await response.json();
  } catch (cause) {
    throw serverRefused(url, "an answer that is no JSON", cause);
  }
}

const below = (path: string, folder: string) => (folder === "" ? path : path.slice(folder.length + 1));
const encodePath = (path: string) => path.split("/").map(encodeURIComponent).join("/");
const withSignal =
  (signal: AbortSignal): typeof fetch =>
  (input, init) =>
    fetch(input, { ...init, signal });

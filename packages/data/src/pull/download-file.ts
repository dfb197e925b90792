import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PixelVlaError } from "@pixelvla/core";
import { cannotWrite } from "../pixel-dataset/errors.ts";
import { syncFolder } from "../pixel-dataset/durable-files.ts";
import { hashMismatch, serverRefused } from "./errors.ts";
import type { Endpoints, RemoteFile, StatedHash } from "./remote-files.ts";

const ATTEMPTS = 6;

/**
 * Downloads one file to `target`, going on from `target.part` of an earlier run. The file appears under its name only
 * when it is whole and its hash agrees.
 *
 * @param onBytes called with the number of bytes that have come in
 * @throws PVLA_PULL_SERVER after several attempts, PVLA_PULL_HASH, PVLA_PIXELS_WRITE
 */
export async function downloadFile(
  file: RemoteFile,
  target: string,
  onBytes: (n: number) => void = () => undefined,
  signal?: AbortSignal,
  { accessToken }: Endpoints = {},
): Promise<void> {
  const part = `${target}.part`;
  await mkdir(dirname(target), { recursive: true });
  for (let attempt = 1; ; attempt++) {
    try {
      await fetchInto(file, part, onBytes, signal, accessToken);
      break;
    } catch (error) {
      signal?.throwIfAborted();
      const isFinal =
        error instanceof PixelVlaError && (error.code !== "PVLA_PULL_SERVER" || error.facts["final"] === true);
      if (isFinal || attempt === ATTEMPTS) throw error;
      await sleep(Math.min(8000, 100 * 2 ** attempt), undefined, { signal });
    }
  }
  const found = file.hash === undefined ? undefined : await hashOf(part, file.hash.algorithm);
  if (file.hash !== undefined && found !== file.hash.value) {
    await rm(part, { force: true });
    throw hashMismatch(target, { algorithm: file.hash.algorithm, expected: file.hash.value, found: found! });
  }
  await rename(part, target);
  await syncFolder(dirname(target));
}

/** Hexadecimal hash of a file, streamed. */
export async function hashOf(path: string, algorithm: StatedHash["algorithm"]): Promise<string> {
  const hash: Hash = createHash(algorithm === "git-blob" ? "sha1" : algorithm);
  if (algorithm === "git-blob") hash.update(`blob ${(await stat(path)).size}\0`);
  for await (const bytes of createReadStream(path)) hash.update(bytes as Buffer);
  return hash.digest("hex");
}

async function fetchInto(
  file: RemoteFile,
  part: string,
  onBytes: (n: number) => void,
  signal: AbortSignal | undefined,
  accessToken: string | undefined,
): Promise<void> {
  const there = await stat(part).then(
    ({ size }) => size,
    () => 0,
  );
  const { sizeBytes } = file;
  if (sizeBytes !== undefined && there === sizeBytes) return;
  const from = sizeBytes !== undefined && there > sizeBytes ? 0 : there;
  let response: Response;
  try {
    // fetch drops the token where the hub sends on to its storage.
    const headers = {
      ...(from > 0 ? { Range: `bytes=${from}-` } : {}),
      ...(accessToken === undefined ? {} : { Authorization: `Bearer ${accessToken}` }),
    };
    response = await fetch(file.url, { headers, signal: signal ?? null });
  } catch (cause) {
    throw serverRefused(file.url, `no answer (${(cause as Error).message})`, cause);
  }
  if (response.status === 416 && sizeBytes === undefined && from > 0) {
    await response.body?.cancel();
    return; // nothing after what is here: it was whole
  }
  if (!response.ok) {
    await response.body?.cancel();
    const refused = serverRefused(file.url, `status ${response.status}`);
    // Asking again for what is not there or not allowed does not help.
    throw [401, 403, 404, 410].includes(response.status)
      ? new PixelVlaError(refused.code, refused.message, { ...refused.facts, final: true })
      : refused;
  }
  const start = response.status === 206 ? from : 0;
  const announced = response.headers.get("content-length");
  const expected =
    sizeBytes ??
    (announced === null || response.headers.has("content-encoding") ? undefined : start + Number(announced));
  let handle: FileHandle | undefined;
  try {
    handle = await open(part, start > 0 ? "r+" : "w");
    let position = start;
    for await (const bytes of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      for (let done = 0; done < bytes.length;)
        done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
      position += bytes.length;
      onBytes(bytes.length);
    }
    await handle.sync();
    if (expected !== undefined && position !== expected)
      throw serverRefused(file.url, `the connection ended after ${position} of ${expected} bytes`);
  } catch (cause) {
    if (["ENOSPC", "EACCES", "EROFS", "EDQUOT"].includes((cause as NodeJS.ErrnoException).code ?? ""))
      throw cannotWrite(part, cause);
    throw cause instanceof PixelVlaError
      ? cause
      : serverRefused(file.url, `the connection broke (${(cause as Error).message})`, cause);
  } finally {
    await handle?.close();
  }
}

import type { IncomingMessage, ServerResponse } from "node:http";
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { isInside } from "../workspace.ts";
import { arePlainNames } from "./path.ts";
import { sendFile } from "./send-file.ts";
import { sendText } from "./send.ts";

/** Finds the real path of a job directory by its id. @throws PVLA_STUDIO_UNKNOWN */
export interface RunFolders {
  folderOf(runId: string): Promise<string>;
}

/**
 * Serves `/files/<runId>/<path>`: a file of a job directory, never one outside it, whatever the path or its links say. Pages and scripts in
 * there are other people's: everything is sent under a policy that runs none of it.
 */
export async function sendRunFile(
  request: IncomingMessage,
  response: ServerResponse,
  segments: readonly string[],
  runs: RunFolders,
): Promise<void> {
  const [runId = "", ...names] = segments;
  const isAsked = /^[a-z0-9][a-z0-9-]{0,95}$/.test(runId) && names.length > 0 && arePlainNames(names);
  const folder = isAsked ? await runs.folderOf(runId) : undefined;
  const path = folder === undefined ? undefined : await realpath(join(folder, ...names)).catch(() => undefined);
  if (folder === undefined || path === undefined || !isInside(folder, path)) {
    sendText(response, 404, "There is no such file.");
    return;
  }
  const headers = { "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox" };
  await sendFile(request, response, path, { cacheControl: "private, no-cache", headers });
}

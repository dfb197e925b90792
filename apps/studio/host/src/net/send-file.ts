import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname } from "node:path";
import { pipeline } from "node:stream/promises";
import { sendText } from "./send.ts";

const MIME: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".csv": "text/plain; charset=utf-8",
  ".gif": "image/gif",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".mp4": "video/mp4",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webm": "video/webm",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
  ".yaml": "text/plain; charset=utf-8",
};

/** MIME type by the file's name; bytes where unknown. */
export const mimeOf = (path: string): string => MIME[extname(path).toLowerCase()] ?? "application/octet-stream";

/** A byte range, both ends included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Reads a `Range` header of one range. `"whole"`: none given, or one we may ignore. `"impossible"`: it lies outside the file. */
export function parseRange(header: string | undefined, sizeBytes: number): ByteRange | "whole" | "impossible" {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (match === null || (match[1] === "" && match[2] === "")) return "whole";
  const [, first = "", last = ""] = match;
  const start = first === "" ? Math.max(0, sizeBytes - Number(last)) : Number(first);
  const end = first === "" || last === "" ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  return start >= sizeBytes || end < start ? "impossible" : { start, end };
}

/** How a file is served. */
export interface SendFileOptions {
  readonly cacheControl: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Serves the file at `path` (checked by the caller) with ETag and byte ranges. */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  { cacheControl, headers = {} }: SendFileOptions,
): Promise<void> {
  const file = await open(path, "r").catch(() => undefined);
  const info = await file?.stat();
  if (file === undefined || info === undefined || !info.isFile()) {
    await file?.close();
    sendText(response, 404, "There is no such file.");
    return;
  }
  const etag = `"${info.size.toString(36)}-${Math.round(info.mtimeMs).toString(36)}"`;
  const common = {
    ...headers,
    "Accept-Ranges": "bytes",
    "Cache-Control": cacheControl,
    "Content-Type": mimeOf(path),
    ETag: etag,
  };
  const isCurrent = request.headers["if-range"] === undefined || request.headers["if-range"] === etag;
  const range = isCurrent ? parseRange(request.headers.range, info.size) : "whole";
  if (
    request.headers["if-none-match"] === etag ||
    range === "impossible" ||
    request.method === "HEAD" ||
    info.size === 0
  ) {
    await file.close();
    if (request.headers["if-none-match"] === etag) response.writeHead(304, common).end();
    else if (range === "impossible")
      response.writeHead(416, { ...common, "Content-Range": `bytes */${info.size}` }).end();
    else response.writeHead(200, { ...common, "Content-Length": info.size }).end();
    return;
  }
  const { start, end } = range === "whole" ? { start: 0, end: info.size - 1 } : range;
  const length = { "Content-Length": end - start + 1 };
  if (range === "whole") response.writeHead(200, { ...common, ...length });
  else response.writeHead(206, { ...common, ...length, "Content-Range": `bytes ${start}-${end}/${info.size}` });
  const stream = createReadStream("", { fd: file, start, end, autoClose: true });
  await pipeline(stream, response).catch(() => undefined); // the browser went away, or the file was cut: the length tells it
}

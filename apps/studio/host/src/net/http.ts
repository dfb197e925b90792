import type { IncomingMessage, ServerResponse } from "node:http";
import { PixelVlaError } from "@pixelvla/core";
import type { Guard } from "./guard.ts";
import { sendAppFile } from "./app-files.ts";
import { sendMedia, type MediaSources } from "./media.ts";
import { pathSegments } from "./path.ts";
import { sendRunFile, type RunFolders } from "./run-files.ts";
import { SAFE_HEADERS, sendText } from "./send.ts";

/** What answers requests. */
export interface HttpParts {
  readonly guard: Guard;
  readonly media: MediaSources;
  readonly runs: RunFolders;
  /** Folder of the built page; undefined where it is not built. */
  readonly appDir: string | undefined;
  readonly report: (error: unknown) => void;
}

/** Answers one request: the login, pictures, files of runs, and the page itself. Only GET and HEAD, and nothing without the token. */
export async function answer(request: IncomingMessage, response: ServerResponse, parts: HttpParts): Promise<void> {
  for (const [name, value] of Object.entries(SAFE_HEADERS)) response.setHeader(name, value);
  const declared = Number(request.headers["content-length"] ?? 0);
  if (declared > 0 || request.headers["transfer-encoding"] !== undefined) {
    sendText(response, 413, "The studio takes no request bodies.", { Connection: "close" });
    request.destroy();
    return;
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    sendText(response, 405, "The studio answers GET and HEAD.", { Allow: "GET, HEAD" });
    return;
  }
  const rawUrl = request.url ?? "/";
  const segments = pathSegments(rawUrl);
  if (segments === undefined) {
    sendText(response, 400, "The address is not well-formed.");
    return;
  }
  const [room, ...rest] = segments;
  const isData = room === "media" || room === "files" || room === "rpc";
  const tokenInUrl = isData ? undefined : tokenOf(rawUrl);
  const refusal = parts.guard.check(request, tokenInUrl);
  if (refusal !== undefined) {
    sendText(response, refusal.status, refusal.reason);
    return;
  }
  if (tokenInUrl !== undefined) {
    sendLogin(response, rawUrl, parts.guard);
    return;
  }
  try {
    if (room === "media") await sendMedia(request, response, rest, parts.media);
    else if (room === "files") await sendRunFile(request, response, rest, parts.runs);
    else if (room === "rpc") sendText(response, 426, "This address is a websocket.", { Upgrade: "websocket" });
    else await sendAppFile(request, response, parts.appDir);
  } catch (error) {
    if (!(error instanceof PixelVlaError)) parts.report(error);
    if (response.headersSent) response.destroy();
    else if (error instanceof PixelVlaError)
      sendText(response, error.code === "PVLA_STUDIO_UNKNOWN" ? 404 : 422, error.message, {
        "X-Pixelvla-Code": error.code,
      });
    else sendText(response, 500, "The studio's host failed unexpectedly.");
  }
}

/** The `token` query value of a raw URL. */
export function tokenOf(rawUrl: string): string | undefined {
  const query = rawUrl.split("?", 2)[1];
  return query === undefined ? undefined : (new URLSearchParams(query.split("#", 1)[0]).get("token") ?? undefined);
}

/**
 * Sets the session cookie and goes on to the same address without the token. A page that goes on by itself, not a redirect: after a
 * redirect that began on another site (a link in a mail or a notebook) the browser would withhold the cookie.
 */
function sendLogin(response: ServerResponse, rawUrl: string, guard: Guard): void {
  const [path = "/", query = ""] = rawUrl.split("?", 2);
  const rest = new URLSearchParams(query);
  rest.delete("token");
  const target = `/${path.replace(/^\/+/, "")}${rest.size > 0 ? `?${rest.toString()}` : ""}`; // never "//host"
  const escaped = target.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
  const page = `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${escaped}"><title>PixelVLA Studio</title>`;
  response
    .writeHead(200, {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Length": Buffer.byteLength(page),
      "Content-Security-Policy": "default-src 'none'",
      "Cache-Control": "no-store",
      "Set-Cookie": guard.setCookie(),
    })
    .end(page);
}

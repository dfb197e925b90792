import type { IncomingMessage, ServerResponse } from "node:http";
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { isInside } from "../workspace.ts";
import { arePlainNames, pathSegments } from "./path.ts";
import { sendFile } from "./send-file.ts";
import { sendText } from "./send.ts";

/**
 * Content security policy of the studio's page: its own scripts, nothing remote, no frames. Inline styles are allowed because the component
 * library writes style elements; inline scripts and eval are not.
 *
 * @param rpcOrigin where the websocket goes if it is not the page's own origin
 */
export function contentSecurityPolicy(rpcOrigin = ""): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "font-src 'self' data:",
    `connect-src 'self' ${rpcOrigin}`.trim(),
    "worker-src 'self' blob:",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** Serves the built renderer from `appDir`; every path without a file is a view of the app and gets `index.html`. */
export async function sendAppFile(
  request: IncomingMessage,
  response: ServerResponse,
  appDir: string | undefined,
): Promise<void> {
  if (appDir === undefined) {
    sendText(
      response,
      503,
      "The studio's page is not built. Run `npx nx build @pixelvla/studio-renderer`, then open this address again.",
    );
    return;
  }
  const segments = pathSegments(request.url ?? "/") ?? [];
  const policy = { "Content-Security-Policy": contentSecurityPolicy(`ws://${request.headers.host ?? ""}`) };
  if (segments.length > 0 && arePlainNames(segments)) {
    const root = await realpath(appDir).catch(() => appDir);
    const path = await realpath(join(root, ...segments)).catch(() => undefined);
    if (path !== undefined && isInside(root, path) && path !== root) {
      const isHashed = segments[0] === "assets";
      const cacheControl = isHashed ? "private, max-age=31536000, immutable" : "no-cache";
      await sendFile(request, response, path, { cacheControl, headers: policy });
      return;
    }
    if (segments[0] === "assets" || /\.(js|css|map|png|svg|ico|woff2)$/.test(segments.at(-1) ?? "")) {
      sendText(response, 404, "There is no such file.");
      return;
    }
  }
  await sendFile(request, response, join(appDir, "index.html"), { cacheControl: "no-cache", headers: policy });
}

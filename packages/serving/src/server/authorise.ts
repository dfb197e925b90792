import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";

/**
 * Whether a request carries the token: `Authorization: Bearer T`, openpi's `Authorization: Api-Key T`, or `?token=T` for clients
 * that cannot set headers (vla-eval). Compared in constant time.
 */
export function isAuthorised({ headers, url = "" }: IncomingMessage, token: string | undefined): boolean {
  if (token === undefined) return true;
  const header = /^(?:Bearer|Api-Key) (.+)$/i.exec(headers.authorization ?? "")?.[1];
  const given = header ?? new URL(url, "http://host").searchParams.get("token");
  return given !== null && timingSafeEqual(digest(given), digest(token));
}

const digest = (text: string) => createHash("sha256").update(text).digest();

/** Whether an address is only reachable from this machine. */
export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));

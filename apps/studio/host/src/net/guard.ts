import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Why a request is refused: HTTP status and a sentence. */
export interface Refusal {
  readonly status: 400 | 401 | 403;
  readonly reason: string;
}

const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/;

/**
 * Decides who may talk to the host. Every request must name a loopback Host (a web page that rebinds its name to 127.0.0.1 does not),
 * must not come from a foreign page (Origin, Sec-Fetch-Site), and must carry the token.
 */
export class Guard {
  readonly token: string;
  readonly cookieName: string;
  readonly #digest: Buffer;
  readonly #origins: ReadonlySet<string>;

  /** @param origins besides the address the page itself was loaded from, e.g. the desktop window's `pixelvla://app` */
  constructor(port: number, origins: readonly string[] = [], token = randomBytes(32).toString("base64url")) {
    this.token = token;
    this.cookieName = `pixelvla-${port}`;
    this.#digest = sha256(token);
    this.#origins = new Set(origins);
  }

  /** Undefined when the request may pass. `tokenInUrl` is the `token` query value where the route takes one. */
  check(request: IncomingMessage, tokenInUrl?: string): Refusal | undefined {
    const { host, origin } = request.headers;
    if (host === undefined || !LOOPBACK.test(host))
      return { status: 403, reason: "The studio answers on 127.0.0.1 and localhost only." };
    if (origin !== undefined && origin !== `http://${host}` && !this.#origins.has(origin))
      return { status: 403, reason: "The studio answers its own pages only." };

    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
    const explicit = tokenInUrl ?? bearer;
    if (explicit !== undefined) return this.#isToken(explicit) ? undefined : WRONG_TOKEN;

    const cookie = cookieValue(request.headers.cookie, this.cookieName);
    if (cookie === undefined || !this.#isToken(cookie)) return WRONG_TOKEN;
    // A cookie travels by itself, so a cookie alone must come from our own page: other ports of localhost count as same site.
    const site = request.headers["sec-fetch-site"];
    if (site !== undefined && site !== "same-origin" && site !== "none")
      return { status: 403, reason: "The studio answers its own pages only." };
    if (request.headers.upgrade !== undefined && origin === undefined)
      return { status: 403, reason: "A connection by cookie must say where it comes from." };
    return undefined;
  }

  /** The session cookie: read by nothing but this host, never sent along by other sites. */
  setCookie(): string {
    return `${this.cookieName}=${this.token}; HttpOnly; SameSite=Strict; Path=/`;
  }

  #isToken(value: string): boolean {
    return timingSafeEqual(sha256(value), this.#digest);
  }
}

const WRONG_TOKEN: Refusal = {
  status: 401,
  reason: "Open the address that `pixelvla studio` printed: it carries the token.",
};

const sha256 = (text: string) => createHash("sha256").update(text).digest();

function cookieValue(header: string | undefined, name: string): string | undefined {
  for (const pair of (header ?? "").split(";")) {
    const [key, value] = pair.trim().split("=", 2);
    if (key === name) return value;
  }
  return undefined;
}

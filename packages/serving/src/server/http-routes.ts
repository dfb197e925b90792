import type { IncomingMessage, ServerResponse } from "node:http";
import { PixelVlaError } from "@pixelvla/core";
import { parseJsonNumpy } from "../codec/json-numpy.ts";
import { badMessage, badPrompt } from "../errors.ts";
import { failureText } from "../inference/sent-failure.ts";
import { PROMPT_FIELD, readPrompt } from "../observation/visual-prompt.ts";
import { act } from "../protocols/act.ts";
import type { ClientSession } from "./client-session.ts";
import type { ServingContext } from "./context.ts";

export interface RouteContext extends ServingContext {
  readonly maxBodyBytes: number;
  readonly isReady: () => boolean;
  /** Session of a stateless request, by name. */
  readonly sessionOf: (protocol: "openvla" | "oft", name: string) => ClientSession;
}

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

type Route = (request: IncomingMessage, context: RouteContext) => Promise<Reply> | Reply;

const json = (value: unknown, status = 200): Reply => ({
  status,
  type: "application/json",
  body: JSON.stringify(value),
});
const text = (body: string, status = 200): Reply => ({ status, type: "text/plain; charset=utf-8", body });

/** Routes by method and path. The first two need no token: health checks of the protocols' own harnesses. */
const ROUTES: Readonly<Record<string, Route>> = {
  "GET /healthz": (_, { isReady }) => (isReady() ? text("OK\n") : text("the policy is being loaded\n", 503)),
  "GET /health": (_, { isReady }) => (isReady() ? json({ status: "ok" }) : json({ status: "loading" }, 503)),
  "GET /config": (_, { info }) => json({ applied: {}, config: { max_batch_size: info.maxBatch } }),
  "GET /info": (_, { info, serving, version }) => json({ version, policy: info, serving }),
  "GET /metrics": async (_, { metrics: { registry } }) => ({
    status: 200,
    type: registry.contentType,
    body: await registry.metrics(),
  }),
  "GET /prompt": (_, { desk, info }) => {
    const { firstFrame: first } = desk;
    return json({
      takesPrompts: info.takesPrompts,
      isSet: desk.next !== undefined,
      isAwaited: desk.isAwaited,
      firstFrame:
        first === undefined ? null : { episode: first.episode, session: first.session, instruction: first.instruction },
    });
  },
  "POST /prompt": async (request, { desk, info, maxBodyBytes }) => {
    if (!info.takesPrompts) throw badPrompt(`a prompt for "${info.name}"`, "a policy with a pixel or prompt encoder");
    const body = parseJsonNumpy(await readBody(request, maxBodyBytes));
    const isWrapped = typeof body === "object" && body !== null && PROMPT_FIELD in body;
    desk.set(readPrompt(isWrapped ? (body as Record<string, unknown>)[PROMPT_FIELD] : body));
    return json({ isSet: true });
  },
  "DELETE /prompt": (_, { desk }) => {
    desk.set(undefined);
    return json({ isSet: false });
  },
  "GET /first-frame": async (_, { desk }) => {
    const png = await desk.firstFramePng();
    return png === undefined
      ? json({ error: "no episode has begun yet" }, 404)
      : { status: 200, type: "image/png", body: png, headers: { "cache-control": "no-store" } };
  },
  "POST /episode": (_, { episodeCall }) => {
    episodeCall.count++;
    return json({ episode: episodeCall.count });
  },
  "POST /act": async (request, context) => {
    const body = await readBody(request, context.maxBodyBytes);
    const reply = await act(body, context, (protocol, name) =>
      context.sessionOf(protocol, typeof name === "string" ? name.slice(0, 200) : (request.socket.remoteAddress ?? "")),
    );
    const headers = reply.error === undefined ? {} : { "x-pixelvla-error": encodeURIComponent(reply.error) };
    return { status: reply.status, type: "application/json", body: reply.body, headers };
  },
};

/** Paths that answer without a token. */
export const OPEN_PATHS: ReadonlySet<string> = new Set(["/healthz", "/health"]);

/** Answers one request; never throws. */
export async function answerHttp(
  request: IncomingMessage,
  response: ServerResponse,
  context: RouteContext,
  isAllowed: boolean,
): Promise<void> {
  const path = pathOf(request);
  let reply: Reply;
  try {
    const route = ROUTES[`${request.method ?? ""} ${path}`];
    if (!isAllowed) reply = json({ error: "a token is needed: Authorization: Bearer TOKEN" }, 401);
    else if (route !== undefined) reply = await route(request, context);
    else if (Object.keys(ROUTES).some((name) => name.endsWith(` ${path}`)))
      reply = json({ error: `no ${request.method ?? ""} here` }, 405);
    else reply = json({ error: "no such path; GET /info and POST /act are some" }, 404);
  } catch (error) {
    const isTooLarge = error instanceof PixelVlaError && error.facts["tooLarge"] === true;
    reply = json({ error: failureText(error) }, isTooLarge ? 413 : 400);
  }
  if (response.destroyed) return;
  // Whatever of the body was not read is not wanted any more.
  const close = request.complete ? {} : { connection: "close" };
  response.writeHead(reply.status, {
    "content-type": reply.type,
    "content-length": Buffer.byteLength(reply.body),
    ...reply.headers,
    ...close,
  });
  response.end(reply.body);
}

export const pathOf = ({ url = "/" }: IncomingMessage): string => url.split("?", 1)[0]!;

/** @throws PVLA_SERVE_MESSAGE when it is longer than `limit` or ends early */
async function readBody(request: IncomingMessage, limit: number): Promise<string> {
  const tooLarge = (size: number) =>
    badMessage("HTTP", `a body of ${size} bytes or more; the limit is ${limit}`, { tooLarge: true });
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > limit) throw tooLarge(announced);
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > limit) throw tooLarge(size);
      parts.push(part);
    }
  } catch (error) {
    if (error instanceof PixelVlaError) throw error;
    throw badMessage("HTTP", "a body that ends early");
  }
  return Buffer.concat(parts).toString("utf8");
}

import { createServer as createHttpServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { cannotListen, unprotected } from "../errors.ts";
import { BatchQueue } from "../inference/batch-queue.ts";
import { InferenceClient } from "../inference/inference-client.ts";
import type { InferenceSetup } from "../inference/messages.ts";
import { checkEmbodiment } from "../observation/check-embodiment.ts";
import type { ServingOptions } from "../observation/serving-options.ts";
import type { PolicyInfo } from "../policy/served-policy.ts";
import { isAuthorised, isLoopback } from "./authorise.ts";
import { ClientSession } from "./client-session.ts";
import type { ServingContext } from "./context.ts";
import { answerHttp, OPEN_PATHS, pathOf, type RouteContext } from "./http-routes.ts";
import { ServerMetrics } from "./metrics.ts";
import { PromptDesk } from "./prompt-desk.ts";
import { SessionTable } from "./session-table.ts";
import { WebsocketConnection, type WebsocketProtocol } from "./websocket-connection.ts";

export interface PolicyServerOptions {
  readonly setup: InferenceSetup;
  readonly serving: ServingOptions;
  readonly host: string;
  /** All protocols are spoken on every port; several so that each client finds its usual one. 0: any free port. */
  readonly ports: readonly number[];
  readonly websocket: WebsocketProtocol;
  readonly token?: string;
  /** PEM texts. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Listen beyond this machine without a token. */
  readonly allowAnyone?: boolean;
  readonly maxConnections: number;
  readonly maxWaiting: number;
  readonly timeoutMs: number;
  readonly gatherMs: number;
  /** Largest message or body in bytes. */
  readonly maxMessageBytes: number;
  readonly promptWaitMs: number;
  readonly version: string;
  readonly log?: (line: string) => void;
}

interface ServerParts {
  readonly info: PolicyInfo;
  readonly metrics: ServerMetrics;
  readonly client: InferenceClient;
  readonly queue: BatchQueue;
  readonly desk: PromptDesk;
  readonly servers: readonly Server[];
  readonly connections: Set<WebsocketConnection>;
  readonly sockets: Set<Socket>;
}

/** Sessions of stateless clients that are remembered. */
const MAX_STATELESS = 256;
const DRAIN_MS = 10_000;

/** A policy on the network: openpi's and vla-eval's websockets and OpenVLA's REST calls, all in front of one batching queue. */
export class PolicyServer {
  readonly info: PolicyInfo;
  /** Ports that are listened on, in the order asked for. */
  readonly ports: readonly number[];
  readonly metrics: ServerMetrics;
  readonly #client: InferenceClient;
  readonly #queue: BatchQueue;
  readonly #desk: PromptDesk;
  readonly #servers: readonly Server[];
  readonly #connections: Set<WebsocketConnection>;
  readonly #sockets: Set<Socket>;

  private constructor(parts: ServerParts) {
    this.info = parts.info;
    this.metrics = parts.metrics;
    this.#client = parts.client;
    this.#queue = parts.queue;
    this.#desk = parts.desk;
    this.#servers = parts.servers;
    this.#connections = parts.connections;
    this.#sockets = parts.sockets;
    this.ports = parts.servers.map((server) => (server.address() as AddressInfo).port);
  }

  /**
   * Opens the policy, warms it up, then listens: whoever can connect is answered at once.
   * @throws PVLA_SERVE_UNPROTECTED, PVLA_SERVE_EMBODIMENT, PVLA_SERVE_PORT, and what opening the policy throws
   */
  static async start(options: PolicyServerOptions): Promise<PolicyServer> {
    const { host, token, allowAnyone = false, serving, log = () => undefined } = options;
    if (token === undefined && !allowAnyone && !isLoopback(host)) throw unprotected(host);
    let metrics: ServerMetrics | undefined;
    let queue: BatchQueue | undefined;
    const client = new InferenceClient(options.setup, {
      onReady: (info, warmUpMs) => log(`policy ready: ${info.name}, warmed up in ${warmUpMs.toFixed(0)} ms`),
      onEnded: (how) => {
        metrics?.restarts.inc();
        log(`the inference process ended with ${how}; starting a new one`);
      },
    });
    try {
      const info = await client.ready();
      checkEmbodiment(info, serving);
      queue = new BatchQueue(client, options);
      queue.setMaxBatch(info.maxBatch);
      const waiting = queue;
      metrics = new ServerMetrics({ waiting: () => waiting.nWaiting, isReady: () => client.isReady });
      const context: ServingContext = {
        info,
        serving,
        queue,
        metrics,
        desk: new PromptDesk(options.promptWaitMs),
        episodeCall: { count: 0 },
        version: options.version,
        forget: (session) => client.forget(session),
        log,
      };
      return new PolicyServer(await listen(options, context, client, queue));
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  /** Process id of the inference process. */
  get inferencePid(): number | undefined {
    return this.#client.pid;
  }

  /** Takes no more connections, answers what was asked (but for frames that wait for a person's prompt), closes what is open, and ends. */
  async close(): Promise<void> {
    for (const server of this.#servers) server.close();
    this.#desk.close();
    const drained = Promise.all([...this.#connections].map((connection) => connection.drain())).then(() =>
      this.#queue.drain(),
    );
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([drained, new Promise((resolve) => (timer = setTimeout(resolve, DRAIN_MS)))]);
    clearTimeout(timer);
    await this.#client.close();
    // Clients get a moment to answer the closing handshake.
    const patience = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, 1000);
    for (const server of this.#servers) {
      server.closeIdleConnections();
      if (server.listening) await new Promise((resolve) => server.once("close", resolve));
    }
    clearTimeout(patience);
    for (const socket of this.#sockets) socket.destroy();
  }
}

async function listen(
  options: PolicyServerOptions,
  context: ServingContext,
  client: InferenceClient,
  queue: BatchQueue,
): Promise<ServerParts> {
  const { token, maxConnections, maxMessageBytes } = options;
  const connections = new Set<WebsocketConnection>();
  const sockets = new Set<Socket>();
  const stateless = new SessionTable(MAX_STATELESS);
  let nSessions = 0;
  const websockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: maxMessageBytes });
  const routes: RouteContext = {
    ...context,
    maxBodyBytes: maxMessageBytes,
    isReady: () => client.isReady,
    sessionOf: (protocol, name) =>
      stateless.get(`${protocol}:${name}`, (id) => new ClientSession(context, protocol, id)),
  };

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const refuse = (status: string, reason: string) => {
      context.metrics.refusedConnections.inc({ reason });
      socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    };
    socket.on("error", () => socket.destroy());
    if (!isAuthorised(request, token)) {
      refuse("401 Unauthorized", "authorisation");
      return;
    }
    if (connections.size >= maxConnections) {
      refuse("503 Service Unavailable", "limit");
      return;
    }
    websockets.handleUpgrade(request, socket, head, (websocket) => {
      const protocol = PATHS[pathOf(request)] ?? options.websocket;
      const connection = new WebsocketConnection(
        websocket,
        context,
        protocol,
        (spoken) => new ClientSession(context, spoken, `${spoken}:${nSessions++}`),
      );
      connections.add(connection);
      websocket.once("close", () => connections.delete(connection));
    });
  };

  const servers: Server[] = [];
  try {
    for (const port of options.ports) {
      const server: Server = options.tls === undefined ? createHttpServer() : createHttpsServer(options.tls);
      server.headersTimeout = 10_000;
      server.requestTimeout = 60_000;
      server.on("connection", (socket: Socket) => {
        socket.setNoDelay(true);
        socket.setKeepAlive(true, 30_000);
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
      });
      server.on("request", (request, response) => {
        const isAllowed = OPEN_PATHS.has(pathOf(request)) || isAuthorised(request, token);
        void answerHttp(request, response, routes, isAllowed);
      });
      server.on("upgrade", onUpgrade);
      await new Promise<void>((resolve, reject) => {
        server.once("error", (error: NodeJS.ErrnoException) => reject(cannotListen(options.host, port, error)));
        server.listen(port, options.host, resolve);
      });
      servers.push(server);
    }
  } catch (error) {
    for (const server of servers) server.close();
    throw error;
  }
  const { info, metrics } = context;
  return { info, metrics, client, queue, desk: context.desk, servers, connections, sockets };
}

/** Paths that name their protocol. */
const PATHS: Readonly<Record<string, WebsocketProtocol>> = { "/openpi": "openpi", "/vla-eval": "vla-eval" };

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { PixelVlaError } from "@pixelvla/core";
import { applyWSSHandler } from "@trpc/server/adapters/ws";
import type { StudioRouter } from "@pixelvla/studio-contract";
import { WebSocketServer } from "ws";

/** A message larger than this ends its connection: no procedure takes anywhere near as much. */
const MAX_MESSAGE_BYTES = 1 << 20;
/** Connections at once; more are turned away before the handshake. */
const MAX_CLIENTS = 500;
const PING_MS = 30_000;
const PONG_WAIT_MS = 10_000;

/** The websocket end of the router. */
export interface RpcServer {
  /** Takes over an upgrade that the guard has let pass; false when there is no room. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Tells the clients to come back, and ends their connections. */
  close(): Promise<void>;
}

/** Serves `router` over websockets. `report` hears of failures that are not the caller's. */
export function createRpcServer(router: StudioRouter, report: (error: unknown) => void): RpcServer {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });
  const handler = applyWSSHandler({
    wss: server,
    router,
    keepAlive: { enabled: true, pingMs: PING_MS, pongWaitMs: PONG_WAIT_MS },
    onError: ({ error }) => {
      if (error.code === "INTERNAL_SERVER_ERROR" && !isExpected(error.cause)) report(error.cause ?? error);
    },
  });
  server.on("connection", (socket) => socket.on("error", () => socket.terminate())); // an oversized or malformed message
  return {
    accept(request, socket, head) {
      if (server.clients.size >= MAX_CLIENTS) return false;
      server.handleUpgrade(request, socket, head, (client) => server.emit("connection", client, request));
      return true;
    },
    close: () => {
      handler.broadcastReconnectNotification();
      for (const client of server.clients) client.terminate();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** A PixelVlaError is for the caller, who has it; an ended subscription or an oversized message (`WS_ERR_…`) is nobody's failure here. */
function isExpected(cause: Error | undefined): boolean {
  const { code } = (cause ?? {}) as { code?: unknown };
  return cause instanceof PixelVlaError || cause?.name === "AbortError" || String(code).startsWith("WS_ERR_");
}

import { request, type IncomingHttpHeaders } from "node:http";
import { WebSocket } from "ws";
import type { StudioHost } from "../src/index.ts";

/** An answer as it came. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends a request whose path, method and headers are exactly those given; `fetch` would tidy them. */
export function rawGet(
  host: StudioHost,
  path: string,
  headers: Record<string, string> = { Authorization: `Bearer ${host.token}` },
  method = "GET",
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port: host.port, path, headers, method, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    asked.on("error", reject).end();
  });
}

/** Status with which a websocket handshake is refused; 101 when it is accepted. */
export function handshake(host: StudioHost, query: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${host.port}/rpc${query}`, { headers });
    socket.on("open", () => {
      socket.close();
      resolve(101);
    });
    socket.on("unexpected-response", (_, answer) => {
      socket.terminate();
      resolve(answer.statusCode ?? 0);
    });
    socket.on("error", reject);
  });
}

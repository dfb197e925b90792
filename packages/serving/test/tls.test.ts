import { X509Certificate } from "node:crypto";
import { get } from "node:https";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { decodeMsgpack } from "../src/codec/decode-msgpack.ts";
import { encodeMsgpack } from "../src/codec/encode-msgpack.ts";
import type { PolicyServer } from "../src/server/policy-server.ts";
import { selfSigned } from "./certificate.ts";
import { observation, startServer } from "./server.ts";

const { cert, key } = selfSigned();
const stranger = selfSigned();
let server: PolicyServer;
let address: string;
beforeAll(async () => {
  server = await startServer({ host: "0.0.0.0", token: "secret", tls: { cert, key } });
  address = `127.0.0.1:${server.ports[0]!}`;
});
afterAll(() => server.close());

/** Status of a request, or the code of what went wrong. */
const status = (path: string, ca: string, headers: Record<string, string> = {}) =>
  new Promise<number | string>((resolve) => {
    get(`https://${address}${path}`, { ca, headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    }).once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });

/** First frames of a websocket: the metadata, and the answer to one observation; or why there is none. */
const asked = (path: string, ca: string, headers: Record<string, string> = {}) =>
  new Promise<Record<string, unknown> | string>((resolve) => {
    const socket = new WebSocket(`wss://${address}${path}`, { ca, headers, perMessageDeflate: false });
    socket.once("error", (error) => resolve(error.message));
    socket.once("message", () => {
      socket.once("message", (data: Buffer, isBinary) => {
        resolve(isBinary ? (decodeMsgpack(data) as Record<string, unknown>) : data.toString());
        socket.close();
      });
      socket.send(encodeMsgpack(observation("go"), "bytes"));
    });
  });

test("over TLS a client that knows the certificate and the token is answered, by HTTP and by websocket", async () => {
  expect(new X509Certificate(cert).checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(await status("/healthz", cert)).toBe(200);
  expect(await status("/info", cert, { authorization: "Bearer secret" })).toBe(200);
  expect(await asked("/openpi", cert, { authorization: "Api-Key secret" })).toHaveProperty("actions");
  expect(await asked("/openpi?token=secret", cert)).toHaveProperty("actions");
});

test("without the token nobody is answered, encrypted or not", async () => {
  expect(await status("/info", cert)).toBe(401);
  expect(await status("/metrics", cert, { authorization: "Bearer secreT" })).toBe(401);
  expect(await asked("/openpi", cert)).toMatch(/401/);
  expect(await asked("/openpi?token=", cert)).toMatch(/401/);
});

test("a client that trusts another certificate refuses ours, and plain HTTP gets nothing", async () => {
  expect(await status("/healthz", stranger.cert)).toMatch(/SELF_SIGNED|UNABLE_TO_VERIFY|SIGNATURE/);
  expect(await asked("/openpi?token=secret", stranger.cert)).toMatch(/self.signed|unable to verify|signature/i);
  await expect(fetch(`http://${address}/healthz`)).rejects.toThrow();
  expect(await status("/healthz", cert)).toBe(200); // unharmed
});

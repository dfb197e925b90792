import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "@pixelvla/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeMsgpack } from "../src/codec/encode-msgpack.ts";
import type { NdArray } from "../src/codec/nd-array.ts";
import type { PolicyServer } from "../src/server/policy-server.ts";
import { observation, picture, startServer, TestClient } from "./server.ts";

let server: PolicyServer;
let port: number;
beforeAll(async () => {
  server = await startServer();
  port = server.ports[0]!;
});
afterAll(() => server.close());

const connected = async () => {
  const client = new TestClient(port);
  await client.next();
  return client;
};
const works = async (client: TestClient) => {
  expect(await client.ask(observation("go"))).toHaveProperty("actions");
};

test.each([
  ["throw", /^PVLA_INTERNAL {2}Running the policy: the model fell over/],
  ["nan", /^PVLA_SERVE_CHUNK/],
])("a policy that answers with %s fails that client alone", async (instruction, reason) => {
  const [failing, other] = [await connected(), await connected()];
  expect(await failing.ask(observation(instruction))).toMatch(reason);
  expect(await failing.waitClosed()).toMatchObject({ code: 1011 });
  await works(other);
  other.socket.close();
});

test("kill -9 of the inference process: that request fails with the reason, others wait for the new process", async () => {
  const [failing, other] = [await connected(), await connected()];
  await works(other);
  const before = server.inferencePid;
  const answer = failing.ask(observation("wait 3000"));
  await sleep(200);
  const queued = other.ask(observation("go"));
  process.kill(server.inferencePid!, "SIGKILL");
  expect(await answer).toMatch(/^PVLA_SERVE_WORKER {2}Running the policy: the inference process ended with SIGKILL/);
  // The other's request was in the queue; it is answered by the new process or told that none came in time.
  expect([typeof (await queued)]).toEqual(["object"]);
  expect(server.inferencePid).not.toBe(before);
  other.socket.close();
});

test("a request that takes too long fails in time and leaves the server working", async () => {
  const impatient = await startServer({ timeoutMs: 3000 });
  try {
    const slow = new TestClient(impatient.ports[0]!);
    await slow.next();
    expect(await slow.ask(observation("wait 4000"))).toMatch(/^PVLA_SERVE_TIMEOUT/);
    await sleep(1500);
    const next = new TestClient(impatient.ports[0]!);
    await next.next();
    await works(next);
  } finally {
    await impatient.close();
  }
});

test.each<[string, unknown]>([
  ["no map", [1, 2, 3]],
  ["an image of text", { "observation/image": "x" }],
  [
    "an image without pixels",
    { ...observation("go"), "observation/image": { ...picture(1), shape: [0, 8, 3], data: new Uint8Array() } },
  ],
  [
    "an int64 image",
    {
      ...observation("go"),
      "observation/image": { ...picture(1), dtype: "<i8", kind: "i", itemSize: 8, shape: [8, 1, 3] },
    },
  ],
  [
    "five channels",
    { ...observation("go"), "observation/image": { ...picture(1), shape: [5, 5, 5], data: new Uint8Array(125) } },
  ],
  ["a state of three", observation("go", 1, [1, 2, 3])],
  ["a state with NaN", observation("go", 1, [1, NaN])],
  ["no state", { "observation/image": picture(1), prompt: "go" }],
  ["an instruction that is a number", { ...observation("go"), prompt: 3 }],
  ["an endless instruction", { ...observation("go"), prompt: "x".repeat(10_000) }],
  ["a prompt for a policy without", { ...observation("go"), visual_prompt: { box: [0, 0, 4, 4] } }],
  ["a prompt of two kinds", { ...observation("go"), visual_prompt: { box: [0, 0, 4, 4], points: [[1, 1]] } }],
])("%s is refused with its reason", async (_, value) => {
  const client = await connected();
  expect(await client.ask(value)).toMatch(/^PVLA_SERVE_(OBSERVATION|PROMPT|MESSAGE)/);
  expect(await client.waitClosed()).toMatchObject({ code: 1011 });
});

test("damaged frames, hostile bodies and broken handshakes never hurt others", async () => {
  const random = new Random("frames");
  const good = encodeMsgpack(observation("go"), "bytes");
  const other = await connected();
  for (let i = 0; i < 60; i++) {
    const client = await connected();
    const frame = good.slice(0, 1 + random.integer(good.length));
    for (let k = 0; k < 3; k++) frame[random.integer(frame.length)] = random.integer(256);
    client.socket.send(frame);
    const answer = await client.next();
    expect(typeof answer === "string" ? answer : typeof answer).toMatch(/^PVLA_|object/);
    client.socket.terminate();
  }
  for (const garbage of [
    "GET / HTTP/9.9\r\n\r\n",
    "\0\0\0",
    "GET / HTTP/1.1\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
  ]) {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.resume();
    socket.end(garbage);
    await new Promise((resolve) => socket.once("close", resolve));
  }
  await works(other);
  other.socket.close();
});

test("a message over the limit ends its connection with 1009, a body gets 413", async () => {
  const client = await connected();
  client.socket.send(new Uint8Array(9 << 20));
  expect(await client.waitClosed()).toMatchObject({ code: 1009 });
  const response = await fetch(`http://127.0.0.1:${port}/act`, { method: "POST", body: "x".repeat(9 << 20) }).catch(
    () => undefined,
  );
  expect(response?.status ?? 413).toBe(413);
});

test("a client that floods without reading is cut off; others go on", async () => {
  const flooding = await connected();
  const other = await connected();
  flooding.socket.pause();
  for (let i = 0; i < 200; i++) flooding.send(observation("go"));
  await sleep(300);
  await works(other);
  flooding.socket.resume();
  expect(await flooding.waitClosed()).toMatchObject({ code: 1011 });
  other.socket.close();
});

test("200 connections are served, and one client that leaves in the queue takes nothing along", async () => {
  const clients = await Promise.all(Array.from({ length: 200 }, () => connected()));
  clients[7]!.send(observation("go"));
  clients[7]!.socket.terminate();
  const rest = clients.filter((_, i) => i !== 7);
  const answers = await Promise.all(rest.map((client, i) => client.ask(observation("go", i))));
  answers.forEach((answer, i) => {
    const { data } = (answer as { actions: NdArray }).actions;
    expect(new DataView(data.buffer, data.byteOffset).getFloat32(0, true)).toBe(i);
  });
  for (const client of rest) client.socket.close();
});

test("a full queue refuses at once, with the reason", async () => {
  const small = await startServer({ maxWaiting: 1 });
  try {
    const clients = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const client = new TestClient(small.ports[0]!);
        await client.next();
        return client;
      }),
    );
    const answers = await Promise.all(clients.map((client) => client.ask(observation("wait 300"))));
    expect(answers.filter((answer) => typeof answer === "string" && answer.startsWith("PVLA_SERVE_BUSY")).length).toBe(
      2,
    );
  } finally {
    await small.close();
  }
});

test("closing answers what was asked, then says goodbye with 1001", async () => {
  const closing = await startServer();
  const client = new TestClient(closing.ports[0]!);
  await client.next();
  const answer = client.ask(observation("wait 400"));
  await sleep(150);
  await closing.close();
  expect(await answer).toHaveProperty("actions");
  expect(await client.waitClosed()).toMatchObject({ code: 1001 });
});

test("beyond loopback a token is needed, and with one nobody gets in without it", async () => {
  await expect(startServer({ host: "0.0.0.0" })).rejects.toMatchObject({ code: "PVLA_SERVE_UNPROTECTED" });
  const guarded = await startServer({ host: "0.0.0.0", token: "secret" });
  try {
    const [guardedPort] = guarded.ports as [number];
    const status = async (headers: Record<string, string>) =>
      (await fetch(`http://127.0.0.1:${guardedPort}/info`, { headers })).status;
    expect(await status({})).toBe(401);
    expect(await status({ authorization: "Bearer wrong" })).toBe(401);
    expect(await status({ authorization: "Bearer secret" })).toBe(200);
    expect((await fetch(`http://127.0.0.1:${guardedPort}/healthz`)).status).toBe(200);
    expect(await new TestClient(guardedPort).waitClosed()).toMatchObject({ code: 1006 });
    expect(await new TestClient(guardedPort, "/", { authorization: "Api-Key secret" }).next()).toHaveProperty(
      "action_dim",
    );
    expect(await new TestClient(guardedPort, "/?token=secret").next()).toHaveProperty("action_dim");
  } finally {
    await guarded.close();
  }
});

test("clients that would break on the policy are refused before it is served", async () => {
  await expect(startServer({ embodiment: "droid" })).rejects.toMatchObject({ code: "PVLA_SERVE_EMBODIMENT" });
  await expect(startServer({ embodiment: "libero" })).rejects.toThrow(/needs 8|at least 5/);
});

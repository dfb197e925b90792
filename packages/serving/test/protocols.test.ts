import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeJsonNumpy, parseJsonNumpy } from "../src/codec/json-numpy.ts";
import { isNdArray, toNumbers, type NdArray } from "../src/codec/nd-array.ts";
import type { PolicyServer } from "../src/server/policy-server.ts";
import { PromptSender } from "../src/remote/prompt-sender.ts";
import { createPolicy } from "../src/remote/remote-policy.ts";
import { observation, picture, startServer, TestClient } from "./server.ts";

let server: PolicyServer;
let port: number;
beforeAll(async () => {
  server = await startServer();
  port = server.ports[0]!;
});
afterAll(() => server.close());

const numbers = (value: unknown) => [...toNumbers(value as NdArray)];

describe("openpi", () => {
  test("metadata comes first and is a map that vla-eval takes for its hello", async () => {
    const client = new TestClient(port);
    expect(await client.next()).toMatchObject({ action_horizon: 4, action_dim: 7, type: "hello", seq: 0, payload: {} });
    client.socket.close();
  });

  test("an observation gives the chunk and timings, from the second on the previous total too", async () => {
    const client = new TestClient(port);
    await client.next();
    const first = (await client.ask(observation("go", 30, [5, 6]))) as Record<string, unknown>;
    expect((first["actions"] as NdArray).shape).toEqual([4, 7]);
    expect(numbers(first["actions"]).slice(7, 14)).toEqual([30, 5, 6, 1, 0.25, 0.5, 1]);
    expect(first["server_timing"]).not.toHaveProperty("prev_total_ms");
    const second = (await client.ask(observation("go"))) as Record<string, unknown>;
    expect(second["server_timing"]).toHaveProperty("prev_total_ms");
    client.socket.close();
  });

  test("an error is a text frame and close 1011, and others go on", async () => {
    const [failing, other] = [new TestClient(port, "/openpi"), new TestClient(port, "/openpi")];
    await Promise.all([failing.next(), other.next()]);
    const text = await failing.ask({ prompt: "no image" });
    expect(text).toMatch(
      /^PVLA_SERVE_OBSERVATION {2}Reading the observation: the keys "prompt", needs an image under one of/,
    );
    expect(await failing.waitClosed()).toEqual({
      code: 1011,
      reason: "Internal server error. Traceback included in previous frame.",
    });
    expect(await other.ask(observation("go"))).toHaveProperty("actions");
    other.socket.close();
  });

  test("the path pins the protocol: bare metadata on /openpi", async () => {
    const client = new TestClient(port, "/openpi");
    expect(await client.next()).not.toHaveProperty("type");
    client.socket.close();
  });

  test("channel-first, grey and float images are the same picture", async () => {
    const client = new TestClient(port);
    await client.next();
    const ask = async (image: NdArray) =>
      numbers(
        ((await client.ask({ ...observation("go"), "observation/image": image })) as Record<string, unknown>)[
          "actions"
        ],
      )[0];
    const flat = (shape: number[]): NdArray => ({
      ...picture(90),
      shape,
      data: new Uint8Array(shape.reduce((a, b) => a * b, 1)).fill(90),
    });
    for (const shape of [
      [8, 8, 3],
      [3, 8, 8],
      [8, 8],
      [8, 8, 1],
      [8, 8, 4],
      [1, 8, 8, 3],
      [1, 1, 3],
      [2048, 3, 3],
    ])
      expect(await ask(flat(shape))).toBe(90);
    client.socket.close();
  });
});

describe("vla-eval", () => {
  const message = (type: string, seq: number, payload: object = {}) => ({ type, payload, seq, timestamp: 0.5 });
  const seen = { images: { agentview: picture(10) }, states: [7, 8], task_description: "go" };
  const connected = async () => {
    const client = new TestClient(port, "/vla-eval");
    const hello = await client.ask(message("hello", 1, { harness_version: "x", protocol_version: 1 }), "text");
    expect(hello).toMatchObject({
      type: "hello",
      seq: 1,
      payload: { protocol_version: 1, observation_params: { send_state: true } },
    });
    return client;
  };

  test("the server executes its chunk, two actions a query here, one an observation", async () => {
    const client = await connected();
    client.send(message("episode_start", 2, { task: { name: "t" } }), "text");
    const steps: number[][] = [];
    for (let seq = 3; seq < 7; seq++) {
      const reply = (await client.ask(message("observation", seq, seen), "text")) as {
        seq: number;
        payload: { actions: NdArray };
      };
      expect(reply.seq).toBe(seq);
      expect(reply.payload.actions.shape).toEqual([7]);
      steps.push(numbers(reply.payload.actions).slice(1, 4));
    }
    expect(steps).toEqual([
      [7, 8, 0],
      [7, 8, 1],
      [7, 8, 0],
      [7, 8, 1],
    ]);
    client.socket.close();
  });

  test("nothing answers episode_start and episode_end; errors keep the connection", async () => {
    const client = await connected();
    expect(await client.ask(message("observation", 2, seen), "text")).toMatchObject({
      type: "error",
      seq: 2,
      payload: { error: expect.stringContaining("PVLA_SERVE_EPISODE") as string },
    });
    client.send(message("episode_start", 3), "text");
    expect(await client.ask(message("observation", 4, { images: {} }), "text")).toMatchObject({
      type: "error",
      seq: 4,
    });
    client.send(message("episode_end", 5), "text");
    client.send(message("episode_start", 6), "text");
    expect(await client.ask(message("observation", 7, seen), "text")).toMatchObject({ type: "action", seq: 7 });
    client.socket.close();
  });

  test("on the shared port the first frame is the only hello", async () => {
    const client = new TestClient(port);
    expect(await client.ask(message("hello", 1), "text")).toMatchObject({ type: "hello" });
    client.send(message("episode_start", 2), "text");
    expect(await client.ask(message("observation", 3, seen), "text")).toMatchObject({ type: "action", seq: 3 });
    client.socket.close();
  });
});

describe("POST /act", () => {
  const post = async (body: string) => {
    const response = await fetch(`http://127.0.0.1:${port}/act`, { method: "POST", body });
    return { status: response.status, text: await response.text(), error: response.headers.get("x-pixelvla-error") };
  };
  const request = { image: picture(50), instruction: "go", state: [3, 4], session: "a" };

  test("OpenVLA's form gives the first action as float64, doubly encoded when it came so", async () => {
    const { text } = await post(writeJsonNumpy(request));
    const action = parseJsonNumpy(text);
    expect(isNdArray(action) && action.dtype).toBe("<f8");
    expect(numbers(action)).toEqual([50, 3, 4, 0, 0.25, 0.5, 1]);
    const double = await post(JSON.stringify({ encoded: writeJsonNumpy(request) }));
    expect(JSON.parse(double.text)).toBe(text);
  });

  test("OFT's form gives the list of the chunk's actions", async () => {
    const { image, ...rest } = request;
    const { text } = await post(writeJsonNumpy({ full_image: image, ...rest }));
    expect((parseJsonNumpy(text) as NdArray[]).map((row) => numbers(row)[3])).toEqual([0, 1, 2, 3]);
  });

  test('failures are the text "error" with status 200 and the reason in a header; 422 for no JSON', async () => {
    expect(await post('{"instruction":"x"}')).toMatchObject({ status: 200, text: '"error"' });
    expect(decodeURIComponent((await post('{"instruction":"x"}')).error!)).toMatch(/^PVLA_SERVE_OBSERVATION/);
    expect((await post("{")).status).toBe(422);
    expect((await post("[1]")).status).toBe(422);
    expect(await post('{"encoded":"{"}')).toMatchObject({ status: 200, text: '"error"' });
  });
});

test("health, info and metrics tell the state", async () => {
  const get = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  expect(await get("/healthz")).toBe("OK\n");
  expect(JSON.parse(await get("/health"))).toEqual({ status: "ok" });
  expect(JSON.parse(await get("/info"))).toMatchObject({ policy: { name: "obedient", chunkSize: 4 } });
  expect(await get("/metrics")).toMatch(/pixelvla_serve_requests_total\{protocol="openpi",outcome="ok"\} \d/);
  expect((await fetch(`http://127.0.0.1:${port}/nowhere`)).status).toBe(404);
  expect((await fetch(`http://127.0.0.1:${port}/act`)).status).toBe(405);
});

test("the benchmark's remote policy plays both kinds of server", async () => {
  const seen = {
    widthPx: 8,
    heightPx: 8,
    image: new Uint8Array(192).fill(20),
    state: Float32Array.of(1, 2),
    instruction: "go",
  };
  const policy = await createPolicy({ server: `ws://127.0.0.1:${port}` });
  policy.reset();
  const { chunkSize, actions } = await policy.act(seen);
  expect([chunkSize, ...actions.subarray(7, 14)]).toEqual([4, 20, 1, 2, 1, 0.25, 0.5, 1]);
  policy.close();
  const rest = await createPolicy({ server: `http://127.0.0.1:${port}/act` });
  expect([...(await rest.act(seen)).actions]).toEqual([20, 1, 2, 0, 0.25, 0.5, 1]);
  const stateless = await createPolicy({ server: `http://127.0.0.1:${port}/act`, sendState: false });
  await expect(stateless.act(seen)).rejects.toMatchObject({ code: "PVLA_REMOTE_POLICY" });
});

test("a prompt goes with an episode's first frame and again when the mask changes, in the kind it was drawn", () => {
  const objectMask = new Uint8Array(64).fill(1, 9, 12);
  const sender = new PromptSender();
  const frame = { widthPx: 8, heightPx: 8, objectMask };
  const box = { kind: "box", minPx: [1, 1], maxPx: [3, 1] } as const;
  expect(sender.next({ ...frame, prompt: box })).toEqual({ box: [1, 1, 4, 2] });
  expect(sender.next({ ...frame, objectMask: objectMask.slice(), prompt: box })).toBeUndefined();
  expect(sender.next({ ...frame, objectMask: new Uint8Array(64).fill(1, 3, 5) })).toMatchObject({
    mask: { shape: [8, 8] },
  });
  sender.forget();
  expect(sender.next({ ...frame, prompt: { kind: "point", xPx: 2, yPx: 1 } })).toEqual({ points: [[2, 1]] });
  sender.forget();
  expect(sender.next({ ...frame, objectMask: new Uint8Array(64) })).toBeUndefined();
});

import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { decodeImage, type BinaryMask } from "@pixelvla/data";
import { fitMask } from "@pixelvla/training";
import { afterAll, beforeAll, expect, test } from "vitest";
import { toNumbers, uint8Array, type NdArray } from "../src/codec/nd-array.ts";
import { GraphPolicy } from "../src/policy/graph-policy.ts";
import { openGraphSource } from "../src/policy/open-source.ts";
import type { PolicyServer } from "../src/server/policy-server.ts";
import { SIDE, scene } from "./scene.ts";
import { picture, setupOf, startServer, TestClient } from "./server.ts";

// A real policy with pixel and prompt encoder (random weights) behind a running server, the embedded segmenter and tracker in it.
const path = fileURLToPath(new URL("../../../recipes/pixelvla-openvla-tiny.yaml", import.meta.url));
const setup = setupOf({ kind: "graph", path, overrides: [] });
const INSTRUCTION = "pick up the red cube";
const BOX = [8, 18, 26, 36];

let server: PolicyServer;
let reference: GraphPolicy;
let url: string;
beforeAll(async () => {
  [server, reference] = await Promise.all([
    startServer({ setup: { ...setup, maxBatch: 1 } }),
    GraphPolicy.open(openGraphSource(path), { maxBatch: 1, threads: 1 }),
  ]);
  url = `http://127.0.0.1:${server.ports[0]!}`;
});
afterAll(async () => {
  await server.close();
  await reference.close();
});

/** Where the red square is in the frame of an episode. */
const at = (frame: number) => scene(10 + 3 * frame, 20 + 2 * frame);

const shown = (frame: number, extra: object = {}) => ({
  "observation/image": uint8Array(at(frame).image.data, [SIDE, SIDE, 3]),
  prompt: INSTRUCTION,
  ...extra,
});

interface Answer {
  readonly actions: readonly number[];
  readonly maskScore: number | undefined;
}

async function connected() {
  const client = new TestClient(server.ports[0]!, "/openpi");
  await client.next();
  return {
    async ask(frame: number, extra: object = {}): Promise<Answer> {
      const reply = await client.ask(shown(frame, extra));
      if (typeof reply === "string") throw new Error(reply);
      const { actions, mask_score: maskScore } = reply as { actions: NdArray; mask_score?: number };
      return { actions: [...toNumbers(actions)], maskScore };
    },
    close: () => client.socket.close(),
  };
}

/** What the policy itself gives for a frame when it is shown this mask, prompted by it. */
async function expected(frame: number, mask: BinaryMask | undefined): Promise<readonly number[]> {
  const fit = reference.info.image!;
  const prompts = { point: [], line: [], box: [] };
  const [chunk] = await reference.predict([
    {
      image: at(frame).image,
      state: new Float32Array(),
      instruction: INSTRUCTION,
      visit: frame,
      ...(mask && { annotation: { phrase: "", mask: fitMask(mask, fit), prompts }, promptKind: "mask" as const }),
    },
  ]);
  return [...chunk!];
}

const distance = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

const post = async (route: string, body?: unknown) => {
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(url + route, { method: "POST", ...text });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

test("without a prompt the policy sees no mask; a prompt in the observation changes the actions to those of its mask", async () => {
  const client = await connected();
  const plain = await client.ask(0);
  expect(plain.maskScore).toBeUndefined();
  expect(distance(plain.actions, await expected(0, undefined))).toBeLessThan(1e-5);

  const mask = at(0).truth;
  const masked = await client.ask(0, { reset: true, visual_prompt: { mask: uint8Array(mask.data, [SIDE, SIDE]) } });
  expect(distance(masked.actions, await expected(0, mask))).toBeLessThan(1e-5);
  expect(distance(masked.actions, plain.actions)).toBeGreaterThan(1e-3);
  client.close();
});

test("the mask of the first frame is followed: later frames get the actions of where the object is now", async () => {
  const client = await connected();
  const mask = at(0).truth;
  await client.ask(0, { visual_prompt: { mask: uint8Array(mask.data, [SIDE, SIDE]) } });
  for (let frame = 1; frame < 6; frame++) {
    const { actions, maskScore } = await client.ask(frame);
    expect(maskScore).toBeGreaterThan(0.3);
    const [now, stale, none] = await Promise.all([
      expected(frame, at(frame).truth),
      expected(frame, mask),
      expected(frame, undefined),
    ]);
    expect(distance(actions, now)).toBeLessThan(0.2 * distance(actions, stale));
    expect(distance(actions, now)).toBeLessThan(0.2 * distance(actions, none));
  }
  client.close();
});

test("POST /prompt prompts the next episode only, as the same prompt in the observation would", async () => {
  const client = await connected();
  const inField = await client.ask(0, { visual_prompt: { box: BOX } });
  const plain = await client.ask(0, { reset: true });
  expect(plain.maskScore).toBeUndefined();

  expect(await post("/prompt", { box: BOX })).toEqual({ status: 200, body: { isSet: true } });
  const unaware = await client.ask(0); // in mid-episode: the prompt waits
  expect(unaware.maskScore).toBeUndefined();
  expect(await (await fetch(`${url}/prompt`)).json()).toMatchObject({ takesPrompts: true, isSet: true });
  await post("/episode");
  const prompted = await client.ask(0);
  expect(prompted.maskScore).toBe(inField.maskScore);
  expect(distance(prompted.actions, inField.actions)).toBeLessThan(1e-5);
  expect(distance(prompted.actions, plain.actions)).toBeGreaterThan(1e-3);
  expect((await client.ask(1)).maskScore).toBeGreaterThan(0.3); // followed
  expect(await (await fetch(`${url}/prompt`)).json()).toMatchObject({ isSet: false });
  await post("/episode");
  expect((await client.ask(0)).maskScore).toBeUndefined();
  client.close();
});

test("the first frame is shown as a picture, and a prompt under which nothing lies is refused", async () => {
  const client = await connected();
  await client.ask(2);
  const picture = await fetch(`${url}/first-frame`);
  expect(picture.headers.get("content-type")).toBe("image/png");
  const decoded = await decodeImage(new Uint8Array(await picture.arrayBuffer()));
  expect(Buffer.from(decoded.data).equals(Buffer.from(at(2).image.data))).toBe(true);

  const empty = uint8Array(new Uint8Array(SIDE * SIDE), [SIDE, SIDE]);
  await expect(client.ask(2, { reset: true, visual_prompt: { mask: empty } })).rejects.toThrow(/^PVLA_SERVE_PROMPT/);
  const refused = await post("/prompt", { box: [5, 5, 5, 9] });
  expect(refused).toMatchObject({
    status: 400,
    body: { error: expect.stringMatching(/^PVLA_SERVE_PROMPT/) as string },
  });
  client.close();
});

test.each([
  [1, 1],
  [1, 640],
  [640, 1],
  [333, 77],
  [480, 640],
  [2, 4096],
])("an image of %i x %i px is answered, and prompted by a box it gives actions or a reason", async (height, width) => {
  const image = { "observation/image": picture(90, height, width), prompt: INSTRUCTION };
  const client = new TestClient(server.ports[0]!, "/openpi");
  await client.next();
  expect(await client.ask(image)).toHaveProperty("actions");
  const box = [0, 0, Math.min(width, 30), Math.min(height, 30)];
  const answer = await client.ask({ ...image, reset: true, visual_prompt: { box } });
  expect(typeof answer === "string" ? answer : "actions").toMatch(/^(actions$|PVLA_SERVE_PROMPT)/);
  client.socket.close();
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test("kill -9 in a prompted episode: the policy never goes on unprompted, and a new prompt is answered by the new process", async () => {
  const client = await connected();
  await client.ask(0, { visual_prompt: { box: BOX } });
  const before = server.inferencePid!;
  process.kill(before, "SIGKILL");
  while (server.inferencePid === before || (await fetch(`${url}/healthz`)).status !== 200) await sleep(100);
  await expect(client.ask(1)).rejects.toThrow(/^PVLA_SERVE_WORKER {2}Following the prompted object/);
  client.close();

  const again = await connected();
  const { actions } = await again.ask(0, { visual_prompt: { mask: uint8Array(at(0).truth.data, [SIDE, SIDE]) } });
  expect(distance(actions, await expected(0, at(0).truth))).toBeLessThan(1e-5);
  again.close();
});

test("a server that goes down tells the episodes that wait for a person's prompt, and waits for nobody", async () => {
  const closing = await startServer({ setup: { ...setup, maxBatch: 1 }, promptWaitMs: 600_000 });
  const at = `http://127.0.0.1:${closing.ports[0]!}`;
  const client = new TestClient(closing.ports[0]!, "/openpi");
  await client.next();
  const onSocket = client.ask(shown(0));
  const image = { __numpy__: Buffer.from(shown(0)["observation/image"].data).toString("base64"), dtype: "|u1" };
  const body = JSON.stringify({ image: { ...image, shape: [SIDE, SIDE, 3] }, instruction: INSTRUCTION, session: "r" });
  const onRest = fetch(`${at}/act`, { method: "POST", body });
  const episode = async () => (await (await fetch(`${at}/prompt`)).json()) as { firstFrame?: { episode: number } };
  while ((await episode()).firstFrame?.episode !== 1) await sleep(20); // both are held
  const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
  const held = timers();
  await closing.close();
  expect(await onSocket).toBeUndefined(); // no action that nobody prompted
  expect(await client.waitClosed()).toMatchObject({ code: 1001, reason: "The server is shutting down." });
  expect(await (await onRest).json()).toBe("error"); // OpenVLA's way to say it
  expect(timers()).toBeLessThanOrEqual(held - 2); // what would keep the process from ending
});

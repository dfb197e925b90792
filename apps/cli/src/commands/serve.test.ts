import { spawn, type ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

// The command as a user starts it, with a policy that takes prompts (random weights) and the way the studio's page uses it.
const bin = fileURLToPath(new URL("../../bin/pixelvla.js", import.meta.url));
const recipe = fileURLToPath(new URL("../../../../recipes/pixelvla-openvla-tiny.yaml", import.meta.url));
const TOKEN = "secret";
const SIDE = 64;
const authorization = `Bearer ${TOKEN}`;

let server: ChildProcess;
let url: string;
beforeAll(async () => {
  const options = ["--port", "0", "--threads", "1", "--prompt-wait", "600", "--json"];
  server = spawn(process.execPath, [bin, "serve", recipe, ...options], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, PIXELVLA_SERVE_TOKEN: TOKEN },
  });
  url = await new Promise<string>((resolve, reject) => {
    server.stdout!.once("data", (data: Buffer) =>
      resolve(`http://127.0.0.1:${(JSON.parse(data.toString()) as { ports: [number] }).ports[0]}`),
    );
    server.once("exit", (code) => reject(new Error(`serve ended with ${code ?? "a signal"}`)));
  });
});
afterAll(async () => {
  server.removeAllListeners("exit");
  if (server.exitCode !== null) return;
  const ended = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGTERM");
  await ended;
});

/** A red square on grey, `[SIDE, SIDE, 3]`, in json-numpy's form. */
const image = () => {
  const data = Buffer.alloc(SIDE * SIDE * 3, 150);
  for (let y = 20; y < 34; y++) for (let x = 10; x < 24; x++) data.set([210, 30, 30], 3 * (y * SIDE + x));
  return { __numpy__: data.toString("base64"), dtype: "|u1", shape: [SIDE, SIDE, 3] };
};

const call = (path: string, body?: unknown) =>
  fetch(url + path, {
    headers: { authorization },
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
  });

/** The first action for the picture, as an episode's first frame. */
async function act(extra: object = {}): Promise<readonly number[]> {
  const request = { image: image(), instruction: "pick up the red cube", session: "robot", reset: true, ...extra };
  const reply = (await (await call("/act", request)).json()) as { __numpy__: string };
  const bytes = Buffer.from(reply.__numpy__, "base64");
  return Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(8 * i));
}

/** A mask of the lower right corner, `[SIDE, SIDE]`. */
const corner = Array.from({ length: SIDE }, (_, y) =>
  Array.from({ length: SIDE }, (_, x) => Number(x >= 40 && y >= 40)),
);

const distance = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

test("with --prompt-wait an unaware client's first frame waits for the prompt that a person draws on it, and is answered by it", async () => {
  const box = [8, 18, 26, 36];
  const answer = act();
  let state: { isAwaited: boolean; isSet: boolean } | undefined;
  while (state?.isAwaited !== true) {
    await sleep(20);
    state = (await (await call("/prompt")).json()) as typeof state;
  }
  expect(state).toMatchObject({
    takesPrompts: true,
    isSet: false,
    firstFrame: { instruction: "pick up the red cube" },
  });
  expect((await call("/first-frame")).headers.get("content-type")).toBe("image/png");
  expect(await (await call("/prompt", { box })).json()).toEqual({ isSet: true });

  const prompted = await answer;
  expect(prompted).toHaveLength(7);
  const own = await act({ visual_prompt: { box } }); // a frame with its own prompt waits for nobody
  expect(distance(prompted, own)).toBeLessThan(1e-6);
  const elsewhere = await act({ visual_prompt: { mask: corner } });
  expect(distance(prompted, elsewhere)).toBeGreaterThan(1e-3);
  expect(await (await call("/prompt")).json()).toMatchObject({ isAwaited: false, isSet: false });
});

test("the token of the environment guards every call but the health checks", async () => {
  expect((await fetch(`${url}/prompt`)).status).toBe(401);
  expect((await fetch(`${url}/prompt`, { method: "POST", body: '{"box": [0, 0, 9, 9]}' })).status).toBe(401);
  expect((await fetch(`${url}/first-frame?token=wrong`)).status).toBe(401);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect(await (await call("/prompt")).json()).toMatchObject({ isSet: false });
});

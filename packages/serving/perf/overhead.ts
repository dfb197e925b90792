// Where the time of a request goes that is not the policy's: overhead.ts [RECIPE.yaml …]. Medians of up to 200 openpi requests by one client in a process of its
// own, for each policy (a module that does nothing, then the recipes), image size and thread count.
//   model: in the policy; hop: server to inference process and back, with decoding of the observation; socket: the rest, seen by the client
import { fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeMsgpack } from "../src/codec/decode-msgpack.ts";
import { encodeMsgpack } from "../src/codec/encode-msgpack.ts";
import { float64Array, uint8Array } from "../src/codec/nd-array.ts";
import type { PolicyReference } from "../src/inference/messages.ts";
import { servingOptionsSchema } from "../src/observation/serving-options.ts";
import { PolicyServer } from "../src/server/policy-server.ts";
import { WebSocket } from "ws";

const REQUESTS = 200;
const WARM_UP = 10;
/** A large policy is asked less often. */
const LIMIT_MS = 8000;

interface Asked {
  readonly url: string;
  readonly side: number;
  readonly stateDim: number;
}

type Timings = Readonly<Record<"total" | "server" | "model", number>>;

async function main(): Promise<void> {
  const idle = join(tmpdir(), `pixelvla-idle-${process.pid}.mjs`);
  writeFileSync(
    idle,
    `export const createPolicy = () => ({ name: "idle", act: () => ({ chunkSize: 8, actions: new Float32Array(56) }) });\n`,
  );
  const root = fileURLToPath(new URL("../../../", import.meta.url));
  const recipes = process.argv.length > 2 ? process.argv.slice(2) : [`${root}recipes/openvla-tiny.yaml`];
  for (const path of [idle, ...recipes])
    for (const threads of path === idle ? [1] : [1, 2]) {
      const policy: PolicyReference =
        path === idle ? { kind: "module", path, options: {} } : { kind: "graph", path, overrides: [] };
      const server = await start(policy, threads);
      for (const side of new Set([server.info.image?.width ?? 64, 256])) {
        const asked = { url: `ws://127.0.0.1:${server.ports[0]!}/openpi`, side, stateDim: server.info.stateDim };
        const { total, server: inServer, model } = await inChild(asked);
        const ms = (value: number) => Number(value.toFixed(2));
        console.log(
          JSON.stringify({
            policy: server.info.name,
            threads,
            side,
            totalMs: ms(total),
            modelMs: ms(model),
            hopMs: ms(inServer - model),
            socketMs: ms(total - inServer),
            overheadMs: ms(total - model),
          }),
        );
      }
      await server.close();
    }
}

const start = (policy: PolicyReference, threads: number) =>
  PolicyServer.start({
    setup: {
      policy,
      provider: "cpu",
      threads,
      maxBatch: 1,
      rotate180: false,
      centreCropArea: 1,
      prompts: { segmenter: { name: "grabcut", options: {} }, tracker: { name: "none", options: {} } },
    },
    serving: servingOptionsSchema.parse({}),
    host: "127.0.0.1",
    ports: [0],
    websocket: "auto",
    maxConnections: 64,
    maxWaiting: 64,
    timeoutMs: 120_000,
    gatherMs: 0,
    maxMessageBytes: 8 << 20,
    promptWaitMs: 0,
    version: "perf",
  });

const inChild = (asked: Asked) =>
  new Promise<Timings>((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [], { execArgv: process.execArgv });
    child.once("message", (found: Timings) => resolve(found));
    child.once("exit", (code) => reject(new Error(`the client ended with ${code ?? "a signal"}`)));
    child.send(asked);
  });

/** The client's side, in its own process as a robot's would be. */
async function measure({ url, side, stateDim }: Asked): Promise<Timings> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  const next = () => new Promise<Buffer>((resolve) => socket.once("message", resolve));
  await next();
  const image = uint8Array(
    Uint8Array.from({ length: side * side * 3 }, (_, i) => (i * 7) % 256),
    [side, side, 3],
  );
  const request = encodeMsgpack(
    {
      "observation/image": image,
      "observation/state": float64Array(new Float64Array(stateDim), [stateDim]),
      prompt: "pick up the red cube",
    },
    "bytes",
  );
  const found: Record<keyof Timings, number[]> = { total: [], server: [], model: [] };
  const endMs = performance.now() + LIMIT_MS;
  for (let i = 0; i < WARM_UP + REQUESTS && performance.now() < endMs; i++) {
    const begunMs = performance.now();
    const answered = next();
    socket.send(request);
    const reply = await answered;
    const totalMs = performance.now() - begunMs;
    const { policy_timing: policy, server_timing: server } = decodeMsgpack(reply) as Record<
      string,
      { infer_ms: number }
    >;
    if (i < WARM_UP) continue;
    found.total.push(totalMs);
    found.server.push(server!.infer_ms);
    found.model.push(policy!.infer_ms);
  }
  socket.close();
  const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;
  return { total: median(found.total), server: median(found.server), model: median(found.model) };
}

if (process.send === undefined) await main();
else
  process.on(
    "message",
    (asked: Asked) => void measure(asked).then((found) => process.send!(found, () => process.exit(0))),
  );

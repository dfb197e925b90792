// An hour's worth of requests (10 Hz x 3600 s), as fast as they go, against `pixelvla serve` in a process of its own; prints the memory of the server and
// of its inference process before, at each tenth and after: soak.ts [POLICY] [REQUESTS] [CLIENTS] [prompt]. Linux only (/proc).
// Clients leave and come back after each episode; every twentieth episode sends garbage and is thrown out. Ends with 1 when memory grew by over 15 % from
// the second tenth on.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PixelVlaError, Random } from "@pixelvla/core";
import { uint8Array } from "../src/codec/nd-array.ts";
import { OpenpiClient } from "../src/remote/openpi-client.ts";
import { SIDE, scene } from "./scene.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const [policy = `${root}recipes/openvla-tiny.yaml`, count = "36000", nClients = "4", prompted] = process.argv.slice(2);
const nRequests = Number(count);
const EPISODE = 60;
const MIB = 2 ** 20;

const bin = `${root}apps/cli/bin/pixelvla.js`;
const child = spawn(
  process.execPath,
  [bin, "serve", policy, "--port", "0", "--threads", "1", "--timeout", "3600", "--json"],
  {
    stdio: ["ignore", "pipe", "ignore"],
  },
);
process.once("exit", () => child.kill("SIGKILL"));
const ready = await new Promise<{ ports: number[]; info: { stateDim: number } }>((resolve, reject) => {
  child.stdout.once("data", (data: Buffer) => resolve(JSON.parse(data.toString()) as never));
  child.once("exit", (code) => reject(new Error(`serve ended with ${code ?? "a signal"}`)));
});
const url = `ws://127.0.0.1:${ready.ports[0]!}/openpi`;

const residentMiB = (pid: number) =>
  (1024 * Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1])) / MIB;
const inferencePid = Number(
  readFileSync(`/proc/${child.pid!}/task/${child.pid!}/children`, "utf8").trim().split(" ").at(-1),
);
const memory = () => ({
  serverMiB: Math.round(residentMiB(child.pid!)),
  inferenceMiB: Math.round(residentMiB(inferencePid)),
});

const random = new Random("soak");
let done = 0;
let refused = 0;
const points = [{ requests: 0, ...memory() }];
console.log(JSON.stringify(points[0]));
const begunMs = performance.now();

async function episode(): Promise<void> {
  const client = await OpenpiClient.connect(url, { timeoutMs: 3_600_000 }); // a machine that pauses is no failure
  const isHostile = random.integer(20) === 0;
  for (let frame = 0; frame < EPISODE && done < nRequests; frame++) {
    const { image, truth } = scene(4 + (frame % 30), 20 + (frame % 20));
    const observation = {
      "observation/image": uint8Array(image.data, [SIDE, SIDE, 3]),
      "observation/state": new Float32Array(ready.info.stateDim),
      prompt: `pick up cube ${random.integer(1000)}`.slice(0, frame === 0 ? 99 : 14),
      ...(frame === 0 && prompted !== undefined
        ? { visual_prompt: { mask: uint8Array(truth.data, [SIDE, SIDE]) } }
        : {}),
    };
    await client.infer(observation);
    if (++done % Math.ceil(nRequests / 10) === 0) {
      points.push({ requests: done, ...memory() });
      console.log(JSON.stringify(points.at(-1)));
    }
  }
  if (isHostile)
    await client.infer({ "observation/image": uint8Array(new Uint8Array(7), [7]) }).catch((error: unknown) => {
      if (!(error instanceof PixelVlaError)) throw error;
      refused++;
    });
  client.close();
}

await Promise.all(
  Array.from({ length: Number(nClients) }, async () => {
    while (done < nRequests) await episode();
  }),
);
const seconds = (performance.now() - begunMs) / 1000;
const total = ({ serverMiB, inferenceMiB }: (typeof points)[number]) => serverMiB + inferenceMiB;
const growth = total(points.at(-1)!) / total(points[2]!) - 1;
console.log(
  JSON.stringify({
    requests: done,
    refused,
    clients: Number(nClients),
    seconds: Math.round(seconds),
    growth: Number(growth.toFixed(3)),
  }),
);
child.removeAllListeners("exit");
child.kill("SIGTERM");
await new Promise((resolve) => child.once("exit", resolve));
process.exit(growth > 0.15 ? 1 : 0);

import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { Agent } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { composePolicy, extractProgram, initialValues, Random } from "@pixelvla/core";
import { writeSafetensors } from "@pixelvla/data/checkpoints";
import { assembleBatch, batchSpec, builtinRegistry, checkRecipe, loadRecipe, recipeText } from "@pixelvla/training";
import { stringify } from "yaml";
// eslint-disable-next-line @nx/enforce-module-boundaries -- the same policy as in policy-forward; benchmarks are not published
import { policy100m } from "../../training/perf/policy-100m.ts";
import { parseJsonNumpy, writeJsonNumpy } from "../src/codec/json-numpy.ts";
import { isNdArray, toNumbers, uint8Array } from "../src/codec/nd-array.ts";
import { PolicyServer, servingOptionsSchema } from "../src/index.ts";
import { OpenpiClient } from "../src/remote/openpi-client.ts";
import { burst, LoadFacts, post } from "./load.ts";

interface Params {
  readonly recipe: string;
  readonly clients: number;
  /** Requests of one client in a measured burst. */
  readonly each: number;
  readonly threads: number;
  readonly folder: string;
}

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const INSTRUCTION = "pick up the red cube";
const cases = ["openvla-tiny", "openvla-100m"].flatMap((recipe) =>
  [1, 4, 16].map((clients) => {
    const each = recipe === "openvla-tiny" || clients === 1 ? 4 : 1; // a request of the large one takes a good part of a second
    return { name: `${recipe}-c${clients}`, params: { recipe, clients, each } };
  }),
);

/** `npm run perf -- serve`: POST /act by 1 to 16 clients, ours and FastAPI + PyTorch with the same weights, one load generator. */
export const perf = {
  name: "serve",
  title: "Serving: POST /act, latency of a request",
  order: 6,
  rounds: 3,
  warmup: 2,
  turnMs: 1500,
  cases,
  peers: [{ name: "fastapi-pytorch", prepare: fastapi }],
  goals: [{ peer: "fastapi-pytorch", ratio: 1 }],
  async ours({ recipe: name, clients, each, threads, folder }: Params) {
    const document = name === "openvla-100m" ? policy100m : loadRecipe(`${ROOT}recipes/${name}.yaml`).recipe;
    const file = join(folder, "recipe.yaml");
    writeFileSync(file, stringify(document));
    await exchange(file, folder);
    const server = await PolicyServer.start({
      setup: {
        policy: { kind: "graph", path: file, overrides: [] },
        provider: "cpu",
        threads,
        maxBatch: name === "openvla-100m" ? 4 : 8,
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
    const subject = await driven(server.ports[0]!, folder, clients, each);
    const overhead = await overheadMs(server.ports[0]!, folder);
    return { ...subject, facts: () => ({ ...subject.facts(), overheadP50Ms: overhead }), close: () => server.close() };
  },
};

/** The load on whichever server listens on `port`; `firstValue` of the action has to be the same on both sides. */
async function driven(port: number, folder: string, clients: number, each: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const body = readFileSync(join(folder, "request.json"), "utf8");
  const bodies = Array.from({ length: clients }, (_, i) => body.replace('"session":"0"', `"session":"${i}"`));
  const load = new LoadFacts();
  const action = parseJsonNumpy(await post(agent, port, body));
  if (!isNdArray(action)) throw new Error("no action");
  const firstValue = Number(toNumbers(action)[0]!.toFixed(5));
  return {
    async run() {
      const measured = await burst(agent, port, bodies, each);
      load.add(measured);
      return { timesMs: measured.timesMs };
    },
    facts: () => ({ ...load.facts(), firstValue }),
  };
}

/** Round trip of an openpi client less the time in the policy, at the median. */
async function overheadMs(port: number, folder: string): Promise<number> {
  const client = await OpenpiClient.connect(`ws://127.0.0.1:${port}/openpi`, { timeoutMs: 60_000 });
  const { width, height } = (
    JSON.parse(readFileSync(join(folder, "policy.json"), "utf8")) as {
      recipe: { image: { width: number; height: number } };
    }
  ).recipe.image;
  const observation = {
    "observation/image": uint8Array(pixels(width * height * 3), [height, width, 3]),
    prompt: INSTRUCTION,
  };
  const overheads: number[] = [];
  for (let i = 0; i < 60; i++) {
    const start = performance.now();
    const { modelMs } = await client.infer(observation);
    if (i >= 10) overheads.push(performance.now() - start - modelMs);
  }
  client.close();
  overheads.sort((a, b) => a - b);
  return Number(overheads[Math.floor(overheads.length / 2)]!.toFixed(2));
}

const pixels = (length: number) => {
  const random = new Random("serve");
  return Uint8Array.from({ length }, () => random.integer(256));
};

/** Leaves recipe, weights, tokens and the request for the peer. */
async function exchange(file: string, folder: string): Promise<void> {
  const trainingRecipe = checkRecipe(loadRecipe(file).recipe);
  const { recipe, training } = trainingRecipe;
  const policy = composePolicy(recipe, builtinRegistry(), { batch: 1, mode: "predict" });
  const program = extractProgram(policy.graph, { chunk: policy.chunk! });
  const { width, height } = recipe.image;
  const image = pixels(width * height * 3);
  const sample = {
    instruction: INSTRUCTION,
    image,
    state: new Float32Array(),
    chunk: { actions: new Float32Array(), weights: new Float32Array() },
  };
  const feeds = assembleBatch(
    [sample as never],
    [0],
    batchSpec(trainingRecipe, policy, program),
    recipeText(recipe, builtinRegistry()),
  );
  const float = (name: string, shape: readonly number[], data: Float32Array) => ({
    name,
    dtype: "float32" as const,
    shape,
    data,
  });
  await writeSafetensors(
    join(folder, "weights.safetensors"),
    program.parameters.map((parameter) =>
      float(parameter.name, parameter.tensor.shape, initialValues(parameter, training.seed)),
    ),
  );
  await writeSafetensors(
    join(folder, "feeds.safetensors"),
    [...program.inputs].map(([name, { shape }]) =>
      float(name, shape, Float32Array.from(feeds[name] as ArrayLike<number | bigint>, Number)),
    ),
  );
  writeFileSync(join(folder, "policy.json"), JSON.stringify({ recipe }));
  const request = { image: uint8Array(image, [height, width, 3]), instruction: INSTRUCTION, session: "0" };
  writeFileSync(join(folder, "request.json"), writeJsonNumpy(request));
}

/** The peer: the same weights in PyTorch behind FastAPI and uvicorn, in a Python process. */
async function fastapi({ clients, each, threads, folder }: Params) {
  const python = join(ROOT, "tools/peers/.venv/bin/python");
  if (!existsSync(python)) throw new Error("no tools/peers/.venv; run npm run peers:setup");
  const child = spawn(python, ["-W", "ignore", join(ROOT, "tools/peers/serve_fastapi.py"), folder, String(threads)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.once("data", (data: Buffer) => resolve(Number(data.toString())));
    child.once("exit", (code) => reject(new Error(`serve_fastapi.py ended with ${code ?? "a signal"}`)));
  });
  const subject = await driven(port, folder, clients, each);
  return { ...subject, close: () => void child.kill() };
}

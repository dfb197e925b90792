import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { pixelVlaError } from "@pixelvla/core";
import { defineCommand } from "citty";
import { interruptSignal } from "../terminal/interrupt.ts";
import { repeatedOption } from "../terminal/repeated-option.ts";
import { wholeNumber } from "../terminal/whole-number.ts";
import { oneOf } from "./bench/choices.ts";
import { serveReport } from "./serve-text.ts";

/** Ports of openpi, OpenVLA and vla-eval (8000) and of OpenVLA-OFT (8777). */
const USUAL_PORTS = "8000,8777";
const EMBODIMENTS = ["passthrough", "widowx", "google-robot", "libero", "droid", "aloha"] as const;

export const serveCommand = defineCommand({
  meta: {
    name: "serve",
    description: "Serve a policy to openpi, OpenVLA, OpenVLA-OFT and vla-eval clients",
  },
  args: {
    policy: {
      type: "positional",
      required: true,
      description: "Run directory, checkpoint folder, recipe (.yaml, random weights) or .mjs with createPolicy",
    },
    host: { type: "string", default: "127.0.0.1", description: "Address to listen on; beyond loopback needs --token" },
    port: {
      type: "string",
      default: USUAL_PORTS,
      description: "Ports, separated by commas; each speaks every protocol",
    },
    protocol: { type: "string", default: "auto", description: "Websocket protocol: auto, openpi or vla-eval" },
    embodiment: { type: "string", description: `Whose clients are served: ${EMBODIMENTS.join(", ")}` },
    set: { type: "string", description: "Override a recipe key, e.g. serving.rotate180=true; may be given again" },
    statistics: { type: "string", description: "dataset_statistics.json to use instead of the run's own" },
    policyOptions: { type: "string", default: "{}", description: "JSON handed to a module's createPolicy" },
    token: { type: "string", description: "Token that clients must send; also from PIXELVLA_SERVE_TOKEN" },
    tlsCert: { type: "string", description: "PEM file of the certificate" },
    tlsKey: { type: "string", description: "PEM file of its key" },
    auth: { type: "boolean", default: true, description: "--no-auth: listen beyond loopback without a token" },
    device: { type: "string", default: "cpu", description: "cpu, auto, cuda, tensorrt, webgpu, dml, coreml" },
    threads: { type: "string", description: "Threads of one operator (default: physical cores)" },
    batch: { type: "string", description: "Most requests answered together (default: 8, or 1 from 300 M weights on)" },
    gather: { type: "string", default: "0", description: "Milliseconds a batch waits for further requests" },
    queue: { type: "string", default: "256", description: "Requests that may wait" },
    connections: { type: "string", default: "256", description: "Websockets that may be open" },
    timeout: { type: "string", default: "120", description: "Seconds until a request fails" },
    maxMessage: { type: "string", default: "64", description: "Largest request in MiB" },
    segmenter: {
      type: "string",
      default: "grabcut",
      description: "Plugin that turns points, lines and boxes into a mask",
    },
    segmenterOptions: { type: "string", default: "{}", description: "JSON options of the segmenter" },
    tracker: {
      type: "string",
      default: "colour-tracker",
      description: "Plugin that follows the mask; none keeps the first",
    },
    trackerOptions: { type: "string", default: "{}", description: "JSON options of the tracker" },
    models: { type: "string", description: "Folder of downloaded models" },
    promptWait: {
      type: "string",
      default: "0",
      description: "Seconds an episode's first frame waits for POST /prompt",
    },
    json: {
      type: "boolean",
      default: false,
      description: "Print one JSON document when ready, and the log as JSON lines",
    },
  },
  async run({ args, rawArgs }) {
    const { PolicyServer, servingOptions, openGraphSource } = await import("@pixelvla/serving");
    const path = resolve(args.policy);
    const isModule = /\.m?js$/.test(path) && statSync(path, { throwIfNoEntry: false })?.isFile() === true;
    const embodiment =
      args.embodiment === undefined
        ? []
        : [`serving.embodiment=${oneOf("--embodiment", args.embodiment, EMBODIMENTS)}`];
    const overrides = [...repeatedOption(rawArgs, "--set"), ...embodiment];
    const statistics = args.statistics === undefined ? {} : { statistics: resolve(args.statistics) };
    const serving = isModule
      ? servingOptions({ serving: args.embodiment === undefined ? {} : { embodiment: args.embodiment } })
      : servingOptions(openGraphSource(path, { overrides, ...statistics }).trainingRecipe.recipe);
    const token = args.token ?? process.env["PIXELVLA_SERVE_TOKEN"];
    const report = serveReport(args.json);
    using interrupts = interruptSignal();
    const { signal } = interrupts;
    const server = await PolicyServer.start({
      setup: {
        policy: isModule
          ? { kind: "module", path, options: jsonObject("--policy-options", args.policyOptions) }
          : { kind: "graph", path, overrides, ...statistics },
        provider: args.device,
        ...(args.threads === undefined ? {} : { threads: wholeNumber("--threads", args.threads) }),
        ...(args.batch === undefined ? {} : { maxBatch: wholeNumber("--batch", args.batch) }),
        rotate180: serving.rotate180,
        centreCropArea: serving.centreCropArea,
        prompts: {
          segmenter: { name: args.segmenter, options: jsonObject("--segmenter-options", args.segmenterOptions) },
          tracker: { name: args.tracker, options: jsonObject("--tracker-options", args.trackerOptions) },
          ...(args.models === undefined ? {} : { modelsDir: resolve(args.models) }),
        },
      },
      serving,
      host: args.host,
      ports: args.port.split(",").map((port) => wholeNumber("--port", port.trim())),
      websocket: oneOf("--protocol", args.protocol, ["auto", "openpi", "vla-eval"] as const),
      ...(token === undefined ? {} : { token }),
      ...tls(args.tlsCert, args.tlsKey),
      allowAnyone: !args.auth,
      maxConnections: wholeNumber("--connections", args.connections),
      maxWaiting: wholeNumber("--queue", args.queue),
      timeoutMs: 1000 * wholeNumber("--timeout", args.timeout),
      gatherMs: wholeNumber("--gather", args.gather),
      maxMessageBytes: wholeNumber("--max-message", args.maxMessage) * 2 ** 20,
      promptWaitMs: 1000 * wholeNumber("--prompt-wait", args.promptWait),
      version: "0.1.0",
      log: (line) => report.log(line),
    });
    report.ready({
      host: args.host,
      ports: server.ports,
      isTls: args.tlsCert !== undefined,
      hasToken: token !== undefined,
      info: server.info,
      serving,
    });
    await new Promise<void>((done) => {
      if (signal.aborted) done();
      signal.addEventListener("abort", () => done(), { once: true });
    });
    report.log("shutting down: open requests are answered first");
    await server.close();
  },
});

/** @throws PVLA_ARGUMENTS */
function jsonObject(option: string, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // The sentence below says it.
  }
  throw badArguments(`${option} is ${text}`, "a JSON object");
}

function tls(cert: string | undefined, key: string | undefined) {
  if (cert === undefined && key === undefined) return {};
  if (cert === undefined || key === undefined) throw badArguments("one of --tls-cert and --tls-key", "both");
  const read = (file: string) => {
    try {
      return readFileSync(resolve(file), "utf8");
    } catch (error) {
      throw badArguments(`${file}: ${(error as Error).message}`, "a PEM file");
    }
  };
  return { tls: { cert: read(cert), key: read(key) } };
}

const badArguments = (found: string, needed: string) =>
  pixelVlaError("PVLA_ARGUMENTS", { doing: "Reading the command line", found, needed }, { found });

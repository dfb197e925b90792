/**
 * Node side of the runner's protocol: `child.ts FILE ours|PEER`. Requests come as JSON lines on standard input, replies
 * go out on file descriptor 3, everything printed goes to standard error.
 */
import { readFileSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { basename } from "node:path";
import { parseDefinition, type RunResult, type Subject } from "./definition.ts";
import type { Reply, Request } from "./side.ts";

console.log = console.error;

const [file = "", sideName = "ours"] = process.argv.slice(2);
const definition = parseDefinition(await import(pathToFileURL(file).href), file, basename(file, ".perf.ts"));
const prepare =
  sideName === "ours" ? definition.ours : definition.peers.find((peer) => peer.name === sideName)?.prepare;
if (prepare === undefined) throw new Error(`internal: no side named "${sideName}" in ${file}`);

let subject: Subject | undefined;

async function measured(one: Subject): Promise<readonly number[]> {
  const start = performance.now();
  const result = await (one.run() as Promise<RunResult | undefined>);
  const elapsed = performance.now() - start;
  return result?.timesMs ?? [elapsed];
}

async function turn(one: Subject, turnMs: number, discard: number): Promise<number[]> {
  for (let i = 0; i < discard; i++) await one.run();
  const times: number[] = [];
  const start = performance.now();
  do times.push(...(await measured(one)));
  while (performance.now() - start < turnMs);
  return times;
}

async function answer(request: Request): Promise<Record<string, unknown>> {
  if (request.op === "prepare") {
    const start = performance.now();
    subject = await prepare!(request.params);
    return { work: subject.work ?? null, prepareMs: performance.now() - start };
  }
  if (request.op === "hello") return {};
  const one = subject!;
  if (request.op === "warmup") {
    for (let i = 0; i < request.count; i++) await one.run();
    return {};
  }
  if (request.op === "turn") return { timesMs: await turn(one, request.turnMs, request.discard) };
  const facts = typeof one.facts === "function" ? await one.facts() : (one.facts ?? {});
  if (request.op === "close") await one.close?.();
  return { facts, versions: versions() };
}

/** Node's version, and the native runtime's where this side loaded it. */
function versions(): Record<string, string> {
  const runtime = Object.keys(createRequire(import.meta.url).cache).find((path) => path.includes("onnxruntime-node"));
  const root = runtime?.slice(0, runtime.indexOf("onnxruntime-node") + "onnxruntime-node".length);
  const manifest =
    root === undefined ? undefined : (JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as { version: string });
  return { node: process.versions.node, ...(manifest && { onnxruntime: manifest.version }) };
}

const reply = (value: Reply) => writeSync(3, JSON.stringify(value) + "\n");

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Request;
  try {
    reply({ ok: true, ...(await answer(request)) });
  } catch (error) {
    console.error(error);
    reply({ ok: false, error: error instanceof Error ? error.message : String(error) });
  }
  if (request.op === "close") break;
}
process.exit(0);

/** `npm run perf`: see ../README.md. */
import { relative } from "node:path";
import { parseArgs } from "node:util";
import { PixelVlaError } from "@pixelvla/core";
import { ROOT, benchmarkFiles, loadBenchmark } from "./discover.ts";
import type { Definition, Peer } from "./definition.ts";
import { unknownCase, unknownPeer, usage } from "./errors.ts";
import { machine } from "./machine.ts";
import { matmulRate } from "./matmul.ts";
import { measureCase, type CaseResult, type MeasureOptions } from "./measure.ts";
import { killSides } from "./side.ts";
import { buildReport, printReport } from "./report.ts";

function progressTo(stream: NodeJS.WriteStream): { show: (text: string) => void; done: () => void } {
  const start = performance.now();
  const seconds = () => `${((performance.now() - start) / 1000).toFixed(0)} s`;
  const live = stream.isTTY;
  return {
    show: (text) => stream.write(live ? `\r\x1b[K${text} (${seconds()})` : `${text} (${seconds()})\n`),
    done: () => live && stream.write("\r\x1b[K"),
  };
}

async function list(files: ReadonlyMap<string, string>, json: boolean): Promise<void> {
  const found: { name: string; title: string; file: string; order: number }[] = [];
  for (const [name, file] of files) {
    const { definition } = await loadBenchmark(name, files);
    found.push({ name, title: definition.title, file: relative(ROOT, file), order: definition.order });
  }
  found.sort((a, b) => a.order - b.order);
  const width = Math.max(...found.map(({ name }) => name.length));
  if (json) console.log(JSON.stringify(found));
  else for (const { name, title } of found) console.log(`${name.padEnd(width)}  ${title}`);
}

function positive(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0)) throw usage(`${flag} "${text}"`);
  return value;
}

/** The peers to run: all, or those named. @throws PVLA_PERF_PEER */
function chosenPeers({ name, peers }: Definition, wanted: readonly string[] | undefined): readonly Peer[] {
  const unknown = wanted?.find((one) => !peers.some((peer) => peer.name === one));
  if (unknown !== undefined)
    throw unknownPeer(
      name,
      unknown,
      peers.map((peer) => peer.name),
    );
  return peers.filter((peer) => wanted?.includes(peer.name) ?? true);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        case: { type: "string", multiple: true },
        rounds: { type: "string" },
        "turn-ms": { type: "string" },
        peer: { type: "string", multiple: true },
        "no-peers": { type: "boolean", default: false },
        json: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

async function main(): Promise<void> {
  const { values, positionals } = readArguments();
  const files = benchmarkFiles();
  const [name] = positionals;
  if (name === undefined) return list(files, values.json);

  const { definition, file } = await loadBenchmark(name, files);
  const cases = definition.cases.filter((one) => values.case === undefined || values.case.includes(one.name));
  const names = definition.cases.map((one) => one.name);
  for (const asked of values.case ?? []) if (!names.includes(asked)) throw unknownCase(name, asked, names);
  const measuredOn = machine();
  const progress = progressTo(process.stderr);
  const options: MeasureOptions = {
    file,
    peers: chosenPeers(definition, values["no-peers"] ? [] : values.peer),
    rounds: Math.ceil(positive(values.rounds, "--rounds") ?? definition.rounds),
    turnMs: positive(values["turn-ms"], "--turn-ms") ?? definition.turnMs,
    progress: progress.show,
  };
  const matmul = definition.matmul ? await matmulRate(definition.threads, options) : null;
  const results: CaseResult[] = [];
  try {
    for (const one of cases) results.push(await measureCase(definition, one.name, one.params, options));
  } finally {
    progress.done();
    // Cases that were measured before one failed took minutes: they are shown, then the failure is.
    if (results.length > 0) {
      const report = buildReport(definition, results, measuredOn, matmul);
      console.log(values.json ? JSON.stringify(report, null, 2) : printReport(report));
    }
  }
}

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)
  process.once(signal, () => {
    killSides();
    process.exit(code);
  });

try {
  await main();
} catch (error) {
  console.error(error instanceof PixelVlaError ? `${error.code}  ${error.message}` : error);
  process.exitCode = 1;
}

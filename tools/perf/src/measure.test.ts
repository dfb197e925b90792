import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parseDefinition, type Definition } from "./definition.ts";
import { machine } from "./machine.ts";
import { measureCase } from "./measure.ts";
import { buildReport, printReport } from "./report.ts";
import { startPeer } from "./side.ts";

const FILE = fileURLToPath(new URL("../test-benchmarks/perf/sleeper.perf.ts", import.meta.url));
const whole = parseDefinition(await import("../test-benchmarks/perf/sleeper.perf.ts"), FILE, "sleeper");
const withPeers = (...names: string[]): Definition => ({
  ...whole,
  warmup: 1,
  peers: whole.peers.filter((peer) => names.includes(peer.name)),
});
const options = { file: FILE, rounds: 2, turnMs: 20, progress: () => undefined };

test("both sides are measured in turn, each in a process of its own, and reported", async () => {
  const progress: string[] = [];
  const definition = withPeers("slow");
  const result = await measureCase(definition, "short", whole.cases[0]!.params, {
    ...options,
    peers: definition.peers,
    progress: (text) => progress.push(text),
  });
  expect(progress.map((text) => text.replace(/.*, |.*: /, "")).slice(-4)).toEqual(["ours", "slow", "ours", "slow"]);
  const [slow] = result.peers;
  expect(result.ours.medianMs).toBeLessThan(slow!.medianMs);
  expect(result.ours.facts["factor"]).toBe(1);
  expect(slow!.facts["factor"]).toBe(4);
  // Warm-up and one discarded run a turn are not measured.
  expect(result.ours.facts["runs"]).toBe(result.ours.runs + 1 + 2);
  if (process.platform === "linux") expect(result.ours.peakMemoryMb).toBeGreaterThan(20);

  const report = buildReport(definition, [result], machine(), null);
  expect(report.ratio).toBeCloseTo(result.ours.medianMs / slow!.medianMs);
  expect(report.goals.map((goal) => goal.met)).toEqual([true, false]);
  expect(report.versions["node"]).toBe(process.versions.node);
  expect(printReport(report)).toMatch(
    /ours\s+[\d.]+ [\s\S]*slow\s+[\d.]+ [\s\S]*met {5}short: at most 0\.9 x slow's time/,
  );
});

test("a side that fails stops the benchmark and is named", async () => {
  const definition = withPeers("broken");
  const run = measureCase(definition, "short", { factor: 1 }, { ...options, peers: definition.peers });
  await expect(run).rejects.toMatchObject({ code: "PVLA_PERF_SIDE" });
  await expect(run).rejects.toThrow(/Measuring "broken": no such thing/);
});

test("a missing Python environment is named with the command that makes it", () => {
  const peer = { name: "absent", python: "perf_matmul.py", venv: ".venv-absent", params: {} };
  expect(() => startPeer(peer, FILE, 1)).toThrow(
    /found? ?no tools\/peers\/\.venv-absent|no tools\/peers\/\.venv-absent\. Run npm run peers:setup/,
  );
});

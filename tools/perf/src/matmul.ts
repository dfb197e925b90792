import { fileURLToPath } from "node:url";
import { loadBenchmark } from "./discover.ts";
import { measureCase, type MeasureOptions } from "./measure.ts";
import type { MatmulRate } from "./report.ts";

const FILE = fileURLToPath(new URL("../matmul.perf.ts", import.meta.url));

/** Measures the machine's float32 matmul rate with the same threads, on our runtime and on each peer's. */
export async function matmulRate(threads: number, { peers, progress }: MeasureOptions): Promise<MatmulRate> {
  const { definition } = await loadBenchmark("matmul", new Map([["matmul", FILE]]));
  const one = definition.cases[0]!;
  const result = await measureCase({ ...definition, threads }, "matmul rate", one.params, {
    file: FILE,
    peers: peers.length > 0 ? definition.peers : [],
    rounds: 3,
    turnMs: 300,
    progress,
  });
  const perS = Object.fromEntries([result.ours, ...result.peers].map((side) => [side.side, side.rate!.perS]));
  return { perS, bestPerS: Math.max(...Object.values(perS)) };
}

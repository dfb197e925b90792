import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Definition, Peer } from "./definition.ts";
import { startNode, startPeer, type Side } from "./side.ts";
import { summarise, type Timing } from "./statistics.ts";

/** Thread pools keep spinning for a while after their last task; the other side waits until they are asleep. */
const SETTLE_MS = 300;

export interface SideResult extends Timing {
  readonly side: string;
  readonly prepareMs: number;
  readonly peakMemoryMb: number | null;
  readonly idleMemoryMb: number | null;
  /** Work per second, in `rate.unit`/s. */
  readonly rate: { readonly perS: number; readonly unit: string } | null;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly versions: Readonly<Record<string, string>>;
}

export interface CaseResult {
  readonly case: string;
  readonly ours: SideResult;
  readonly peers: readonly SideResult[];
}

export interface MeasureOptions {
  readonly file: string;
  readonly peers: readonly Peer[];
  readonly rounds: number;
  readonly turnMs: number;
  readonly progress: (text: string) => void;
}

interface Running {
  readonly side: Side;
  readonly params: Record<string, unknown>;
  readonly timesMs: number[];
  idleMb: number | null;
  prepareMs: number;
  work: { amount: number; unit: string } | null;
}

async function prepare(running: Running, warmup: number): Promise<void> {
  await running.side.ask({ op: "hello" });
  running.idleMb = running.side.memory()?.now ?? null;
  const reply = await running.side.ask({ op: "prepare", params: running.params });
  running.prepareMs = reply["prepareMs"] as number;
  running.work = reply["work"] as Running["work"];
  await running.side.ask({ op: "warmup", count: warmup });
}

async function finish({ side, timesMs, idleMb, prepareMs, work }: Running): Promise<SideResult> {
  const { facts, versions } = await side.ask({ op: "facts" });
  const peakMemoryMb = side.memory()?.peak ?? null;
  await side.ask({ op: "close" });
  const timing = summarise(timesMs);
  return {
    side: side.name,
    ...timing,
    prepareMs,
    peakMemoryMb,
    idleMemoryMb: idleMb,
    rate: work && { perS: work.amount / (timing.medianMs / 1000), unit: work.unit },
    facts: facts as SideResult["facts"],
    versions: versions as SideResult["versions"],
  };
}

/**
 * Measures one case: every side prepared and warmed up in order, then `rounds` turns: ours, peer, peer, ours, peer, …
 * `params.folder` is an empty folder that the sides share and that is deleted afterwards.
 */
export async function measureCase(
  definition: Definition,
  caseName: string,
  caseParams: Record<string, unknown>,
  options: MeasureOptions,
): Promise<CaseResult> {
  const { threads } = definition;
  const running: Running[] = [];
  const folder = mkdtempSync(join(tmpdir(), "pixelvla-perf-"));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", removeFolder);
  const add = (side: Side, params: Record<string, unknown>) =>
    running.push({ side, params, timesMs: [], idleMb: null, prepareMs: 0, work: null });
  try {
    const params = { threads, folder, ...caseParams };
    add(startNode("ours", options.file, "ours", threads), params);
    for (const peer of options.peers) add(startPeer(peer, options.file, threads), { ...params, ...peer.params });

    for (const one of running) {
      options.progress(`${caseName}: preparing ${one.side.name}`);
      await prepare(one, definition.warmup);
    }
    for (let round = 0; round < options.rounds; round++) {
      for (const one of running) {
        options.progress(`${caseName}: round ${round + 1} of ${options.rounds}, ${one.side.name}`);
        await sleep(SETTLE_MS);
        const reply = await one.side.ask({ op: "turn", turnMs: options.turnMs, discard: 1 });
        one.timesMs.push(...(reply["timesMs"] as number[]));
      }
    }
    const results: SideResult[] = [];
    for (const one of running) results.push(await finish(one));
    return { case: caseName, ours: results[0]!, peers: results.slice(1) };
  } finally {
    for (const one of running) one.side.kill();
    process.off("exit", removeFolder);
    removeFolder();
  }
}

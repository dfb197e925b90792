import type { Definition, Goal } from "./definition.ts";
import type { Machine } from "./machine.ts";
import type { CaseResult, SideResult } from "./measure.ts";

export interface GoalResult {
  readonly goal: string;
  readonly found: number;
  readonly met: boolean;
}

export interface MatmulRate {
  /** Floating-point operations per second of each side's own matrix product, by side. */
  readonly perS: Readonly<Record<string, number>>;
  /** The greater of them: what the shares refer to. */
  readonly bestPerS: number;
}

export interface Report {
  readonly name: string;
  readonly title: string;
  readonly unit: "ms";
  /** Medians and their ratio for the first case and its first peer. */
  readonly ours: number;
  readonly peer: number | null;
  readonly ratio: number | null;
  readonly runs: number;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly matmul: MatmulRate | null;
  readonly goals: readonly GoalResult[];
  readonly cases: readonly (CaseResult & { readonly ratios: Readonly<Record<string, number>> })[];
}

function judge(goal: Goal, result: CaseResult): GoalResult | null {
  if (goal.case !== undefined && goal.case !== result.case) return null;
  const { ours } = result;
  if (goal.maxMs !== undefined)
    return {
      goal: `${result.case}: at most ${goal.maxMs} ms`,
      found: ours.medianMs,
      met: ours.medianMs <= goal.maxMs,
    };
  const peer = result.peers.find((one) => one.side === goal.peer);
  if (peer === undefined) return null;
  if (goal.memoryRatio !== undefined) {
    if (ours.peakMemoryMb === null || peer.peakMemoryMb === null) return null;
    const found = ours.peakMemoryMb / peer.peakMemoryMb;
    return {
      goal: `${result.case}: at most ${goal.memoryRatio} x ${peer.side}'s peak memory`,
      found,
      met: found <= goal.memoryRatio,
    };
  }
  const found = ours.medianMs / peer.medianMs;
  return {
    goal: `${result.case}: at most ${goal.ratio!} x ${peer.side}'s time`,
    found,
    met: found <= goal.ratio!,
  };
}

/** Puts the measurements of all cases together. */
export function buildReport(
  definition: Definition,
  results: readonly CaseResult[],
  machine: Machine,
  matmul: MatmulRate | null,
): Report {
  const first = results[0]!;
  const peer = first.peers[0];
  const sides = results.flatMap((one) => [one.ours, ...one.peers]);
  return {
    name: definition.name,
    title: definition.title,
    unit: "ms",
    ours: first.ours.medianMs,
    peer: peer?.medianMs ?? null,
    ratio: peer === undefined ? null : first.ours.medianMs / peer.medianMs,
    runs: first.ours.runs,
    machine,
    versions: Object.assign({}, ...sides.map((side) => side.versions)) as Record<string, string>,
    matmul,
    goals: results.flatMap((result) => definition.goals.flatMap((goal) => judge(goal, result) ?? [])),
    cases: results.map((result) => ({
      ...result,
      ratios: Object.fromEntries(result.peers.map((one) => [one.side, result.ours.medianMs / one.medianMs])),
    })),
  };
}

/** Three significant digits without an exponent. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 6));
}

const SCALES = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
] as const;

/** 12345678 "FLOP" -> "12.3 MFLOP". */
export function scaled(value: number, unit: string): string {
  const [factor, prefix] = SCALES.find(([limit]) => value >= limit) ?? [1, ""];
  return `${short(value / factor)} ${prefix}${unit}`;
}

function row(side: SideResult, ours: SideResult, matmul: MatmulRate | null): string[] {
  const share =
    matmul && side.rate?.unit === "FLOP" ? `${((100 * side.rate.perS) / matmul.bestPerS).toFixed(0)} %` : "";
  return [
    side.side,
    short(side.medianMs),
    `${short(side.p10Ms)} – ${short(side.p90Ms)}`,
    side === ours ? "" : short(ours.medianMs / side.medianMs),
    side.rate === null ? "" : `${scaled(side.rate.perS, side.rate.unit)}/s`,
    share,
    side.peakMemoryMb === null ? "" : side.peakMemoryMb.toFixed(0),
    side.idleMemoryMb === null ? "" : side.idleMemoryMb.toFixed(0),
    String(side.runs),
  ];
}

function table(rows: readonly string[][]): string {
  const used = rows[0]!.map((_, column) => rows.slice(1).some((cells) => cells[column] !== ""));
  const kept = rows.map((cells) => cells.filter((_, column) => used[column]));
  const widths = kept[0]!.map((_, column) => Math.max(...kept.map((cells) => cells[column]!.length)));
  const line = (cells: string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("   ");
  return kept.map(line).join("\n");
}

const HEADER = ["", "median ms", "p10 – p90", "ours / it", "rate", "of matmul", "peak MB", "at start", "runs"];

function factLines(result: CaseResult): string[] {
  return [result.ours, ...result.peers]
    .filter((side) => Object.keys(side.facts).length > 0)
    .map(
      (side) =>
        `${side.side}: ${Object.entries(side.facts)
          .map(([key, value]) => `${key} ${typeof value === "number" ? short(value) : String(value)}`)
          .join(", ")}`,
    );
}

const busy = ({ loadBefore, cores }: Machine) =>
  loadBefore > cores / 2
    ? `; load ${loadBefore} before the start: something else was running, take the figures with care`
    : "";

/** The report for a person. */
export function printReport(report: Report): string {
  const { machine, matmul } = report;
  const lines = [report.title, `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB${busy(machine)}`];
  lines.push(
    Object.entries(report.versions)
      .map(([name, value]) => `${name} ${value}`)
      .join(", "),
  );
  if (matmul !== null)
    lines.push(
      `Matmul rate here: ${Object.entries(matmul.perS)
        .map(([side, rate]) => `${side} ${scaled(rate, "FLOP")}/s`)
        .join(", ")}`,
    );
  for (const result of report.cases) {
    lines.push("", ...(report.cases.length > 1 ? [result.case] : []));
    lines.push(table([HEADER, ...[result.ours, ...result.peers].map((side) => row(side, result.ours, matmul))]));
    lines.push(...factLines(result));
  }
  if (report.goals.length > 0) lines.push("");
  for (const { goal, found, met } of report.goals) lines.push(`${met ? "met   " : "missed"}  ${goal}: ${short(found)}`);
  return lines.join("\n");
}

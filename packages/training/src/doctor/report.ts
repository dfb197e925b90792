import type { CheckResult, Verdict } from "@pixelvla/data";
import { doctorFails } from "../errors.ts";

/** One finding; `data` checks look at the dataset alone, `training` checks at what the recipe makes of it. */
export interface DoctorFinding extends CheckResult {
  readonly half: "data" | "training";
  /** What to do, where the reason does not say it. */
  readonly fix?: string;
}

/** What the doctor says about a run before it starts; kept as `results/doctor.json` of the run. */
export interface DoctorReport {
  readonly version: 1;
  readonly recipe: string;
  readonly dataset: string;
  readonly examinedAt: string;
  readonly durationS: number;
  /** The worst of all findings. */
  readonly verdict: Verdict;
  readonly findings: readonly DoctorFinding[];
}

const RANK: Readonly<Record<Verdict, number>> = { pass: 0, warn: 1, fail: 2 };

/** The worst verdict. */
export const worstOf = (findings: readonly CheckResult[]): Verdict =>
  findings.reduce<Verdict>((worst, { verdict }) => (RANK[verdict] > RANK[worst] ? verdict : worst), "pass");

/** The report for a terminal: one line a finding, the worst last. */
export function doctorText({ recipe, dataset, durationS, verdict, findings }: DoctorReport): string {
  const lines = findings.map(({ name, verdict: one, reason, fix }) => {
    const remedy = fix === undefined ? "" : ` ${fix}.`;
    return `${one.padEnd(4)}  ${name.padEnd(12)}  ${reason}${remedy}`;
  });
  return [`doctor: "${recipe}" on ${dataset}, ${durationS.toFixed(1)} s`, ...lines, `result: ${verdict}`].join("\n");
}

/** @throws PVLA_DOCTOR naming what fails, unless the run is to be launched over it */
export function refuseFailures({ recipe, findings }: DoctorReport, launchOverFail: boolean): void {
  const reasons = findings.filter(({ verdict }) => verdict === "fail").map(({ name, reason }) => `${name}: ${reason}`);
  if (reasons.length > 0 && !launchOverFail) throw doctorFails(recipe, reasons);
}

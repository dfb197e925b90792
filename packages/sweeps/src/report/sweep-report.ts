import { wilson, type EpisodeResult, type Interval } from "@pixelvla/bench";
import { readStatus } from "@pixelvla/jobs";
import { noSuchArm } from "../errors.ts";
import { layoutName, readResults } from "../run/evaluate-policy.ts";
import { episodesFile } from "../run/run-task.ts";
import { readSweepRecord, taskDir, type SweepRecord } from "../run/sweep-folder.ts";
import { pairedDifference, type Pair, type PairedDifference } from "../statistics/paired-difference.ts";
import { learningCurves, type LearningCurve } from "./learning-curves.ts";
import { paperTable } from "./paper-table.ts";

/** One number of the report: success over all episodes of a column and all training seeds. */
export interface ReportCell {
  readonly success: Interval;
  readonly nSuccesses: number;
  readonly n: number;
  /** Success of each training seed. */
  readonly perSeed: readonly { readonly seed: number | undefined; readonly share: number; readonly n: number }[];
  /** Against the row this one is compared with; undefined for that row itself and where nothing is paired. */
  readonly difference: PairedDifference | undefined;
  /** The paper's number, in percent. */
  readonly paper: number | undefined;
  /** Episodes that ended by a fault of policy or physics; they count as no success. */
  readonly nFaults: number;
}

/** All columns of one arm under one evaluation. */
export interface ReportRow {
  readonly family: string;
  readonly arm: string;
  readonly evaluation: string;
  readonly isReference: boolean;
  readonly cells: readonly ReportCell[];
}

export interface SweepReport {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly columns: readonly string[];
  readonly rows: readonly ReportRow[];
  /** What the rows are compared with, in words. */
  readonly reference: string;
  readonly hasPaper: boolean;
  /** Tasks that are not done: the numbers are preliminary where there are any. */
  readonly unfinished: readonly string[];
  readonly evaluation: SweepRecord["sweep"]["evaluation"];
  readonly seeds: readonly number[];
  readonly curves: readonly LearningCurve[];
}

const FAULTS: ReadonlySet<string> = new Set(["policy-error", "invalid-action", "exploded", "worker-lost"]);

interface Row {
  readonly family: string;
  readonly arm: string;
  readonly evaluation: string;
  /** Results by training seed. */
  readonly bySeed: ReadonlyMap<number | undefined, readonly EpisodeResult[]>;
}

export interface ReportOptions {
  /** Arm that the others are compared with, in pairs, instead of what the sweep's file compares with. */
  readonly compare?: string | undefined;
}

/** Gathers what the sweep in `dir` has found so far. @throws PVLA_SWEEP_FOLDER, PVLA_SWEEP for an arm it does not have */
export async function sweepReport(dir: string, { compare }: ReportOptions = {}): Promise<SweepReport> {
  const record = readSweepRecord(dir);
  const { sweep } = record;
  const arms = sweep.arms.map(({ name }) => name);
  if (compare !== undefined && !arms.includes(compare)) throw noSuchArm(sweep.name, compare, arms);
  const rows = gather(dir, record);
  const paper = sweep.paperTable === null ? undefined : paperTable(sweep.paperTable);
  const compared = compare ?? sweep.compare ?? arms[0]!;
  const byEvaluation = compare === undefined ? sweep.compareEvaluation : null;
  const referenceOf = ({ family, arm, evaluation }: Row) =>
    byEvaluation === null
      ? (rows.find((row) => row.family === family && row.arm === compared && row.evaluation === evaluation) ??
        rows.find((row) => row.family === family && row.arm === compared))
      : rows.find((row) => row.family === family && row.arm === arm && row.evaluation === byEvaluation);
  return {
    name: sweep.name,
    title: sweep.title,
    description: sweep.description,
    columns: sweep.columns.map(({ name }) => name),
    rows: rows.map((row) => {
      const reference = referenceOf(row);
      const arm = sweep.arms.find(({ name }) => name === row.arm);
      // The paper evaluated its arms once: beside the arm's first evaluation, not beside its controls.
      const isFirst = (arm?.evaluations ?? sweep.evaluations.map(({ name }) => name))[0] === row.evaluation;
      const paperRow = isFirst ? arm?.paper : undefined;
      return {
        family: row.family,
        arm: row.arm,
        evaluation: row.evaluation,
        isReference: reference === row,
        cells: sweep.columns.map((column) => {
          const isIn = ({ variant }: EpisodeResult) => column.variants.includes(variant);
          const number = column.paper === undefined ? undefined : paper?.get(paperRow ?? "")?.get(column.paper);
          return cellOf(row, reference === row ? undefined : reference, isIn, number);
        }),
      };
    }),
    reference:
      byEvaluation === null ? `arm "${compared}" of the same family` : `evaluation "${byEvaluation}" of the same arm`,
    hasPaper: paper !== undefined,
    unfinished: await unfinished(dir, record),
    evaluation: sweep.evaluation,
    seeds: sweep.seeds,
    curves: await learningCurves(dir, record),
  };
}

function gather(dir: string, { cells }: SweepRecord): Row[] {
  const rows = new Map<
    string,
    { -readonly [K in keyof Row]: Row[K] } & { bySeed: Map<number | undefined, EpisodeResult[]> }
  >();
  for (const { family, arm, evaluation, seed, task } of cells) {
    const key = JSON.stringify([family, arm, evaluation]);
    const row = rows.get(key) ?? { family, arm, evaluation, bySeed: new Map<number | undefined, EpisodeResult[]>() };
    rows.set(key, row);
    row.bySeed.set(seed, readResults(episodesFile(dir, task)));
  }
  return [...rows.values()];
}

function cellOf(
  row: Row,
  reference: Row | undefined,
  isIn: (result: EpisodeResult) => boolean,
  paper: number | undefined,
): ReportCell {
  const perSeed = [...row.bySeed].map(([seed, results]) => {
    const own = results.filter(isIn);
    return { seed, n: own.length, nSuccesses: count(own), share: count(own) / own.length };
  });
  const all = [...row.bySeed.values()].flat().filter(isIn);
  const pairs = reference === undefined ? [] : pairsOf(reference, row, isIn);
  return {
    success: wilson(count(all), all.length),
    nSuccesses: count(all),
    n: all.length,
    perSeed: perSeed.map(({ seed, share, n }) => ({ seed, share, n })),
    difference: pairs.length === 0 ? undefined : pairedDifference(pairs),
    paper,
    nFaults: all.filter(({ outcome }) => FAULTS.has(outcome)).length,
  };
}

/** Episodes both rows played on the same layout with the same training seed; a base without seeds is paired with every seed. */
function pairsOf(first: Row, second: Row, isIn: (result: EpisodeResult) => boolean): Pair[] {
  const seeds = new Set([...first.bySeed.keys(), ...second.bySeed.keys()].filter((seed) => seed !== undefined));
  const resultsOf = ({ bySeed }: Row, seed: number | undefined) => bySeed.get(seed) ?? bySeed.get(undefined) ?? [];
  return (seeds.size === 0 ? [undefined] : [...seeds]).flatMap((seed) => {
    const others = new Map(resultsOf(first, seed).map((result) => [layoutName(result), result]));
    return resultsOf(second, seed)
      .filter(isIn)
      .flatMap((result) => {
        const layout = layoutName(result);
        const other = others.get(layout);
        return other === undefined ? [] : [{ layout, seed: seed ?? 0, first: other.success, second: result.success }];
      });
  });
}

async function unfinished(dir: string, { tasks }: SweepRecord): Promise<string[]> {
  const states = await Promise.all(
    tasks.map(async ({ id }) => {
      const status = await readStatus(taskDir(dir, id)).catch(() => undefined);
      return status?.state === "done" ? [] : [`${id} (${status?.state ?? "not begun"})`];
    }),
  );
  return states.flat();
}

const count = (results: readonly EpisodeResult[]) => results.filter(({ success }) => success).length;

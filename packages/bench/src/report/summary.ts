import { OUTCOMES, type EpisodeResult, type Outcome } from "../rollout/outcome.ts";
import { wilson, type Interval } from "./wilson.ts";

/** One line of a report: all episodes of an embodiment, task and variant. */
export interface SummaryRow {
  readonly embodiment: string;
  readonly task: string;
  readonly variant: string;
  readonly nEpisodes: number;
  readonly success: Interval;
  readonly grasp: Interval;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  readonly meanSteps: number;
  readonly nClippedValues: number;
}

/** Groups results by embodiment, task and variant, in order of first appearance. */
export function summarise(results: readonly EpisodeResult[]): SummaryRow[] {
  const groups = new Map<string, EpisodeResult[]>();
  for (const result of results) {
    const name = `${result.embodiment}|${result.task}|${result.variant}`;
    const group = groups.get(name) ?? [];
    group.push(result);
    groups.set(name, group);
  }
  return [...groups.values()].map((group) => {
    const count = (test: (result: EpisodeResult) => boolean) => group.filter(test).length;
    const { embodiment, task, variant } = group[0]!;
    return {
      embodiment,
      task,
      variant,
      nEpisodes: group.length,
      success: wilson(
        count(({ success }) => success),
        group.length,
      ),
      grasp: wilson(
        count(({ grasped }) => grasped),
        group.length,
      ),
      outcomes: Object.fromEntries(
        OUTCOMES.map((outcome) => [outcome, count((result) => result.outcome === outcome)]),
      ) as Record<Outcome, number>,
      meanSteps: group.reduce((sum, { nSteps }) => sum + nSteps, 0) / group.length,
      nClippedValues: group.reduce((sum, { nClipped }) => sum + nClipped, 0),
    };
  });
}

/** The rows as CSV with a header line; shares in [0, 1]. */
export function summaryCsv(rows: readonly SummaryRow[]): string {
  const header = [
    "embodiment,task,variant,n_episodes,success,success_low,success_high,grasp,grasp_low,grasp_high",
    ...OUTCOMES.map((outcome) => outcome.replaceAll("-", "_")),
    "mean_steps,clipped_values",
  ].join(",");
  const lines = rows.map((row) =>
    [
      row.embodiment,
      row.task,
      row.variant,
      row.nEpisodes,
      ...intervalCells(row.success),
      ...intervalCells(row.grasp),
      ...OUTCOMES.map((outcome) => row.outcomes[outcome]),
      row.meanSteps.toFixed(2),
      row.nClippedValues,
    ].join(","),
  );
  return [header, ...lines, ""].join("\n");
}

function intervalCells({ share, low, high }: Interval): string[] {
  return [share, low, high].map((value) => value.toFixed(4));
}

/** The rows as a table for a terminal, with the faults that occurred named. */
export function summaryTable(rows: readonly SummaryRow[]): string {
  const percent = (value: number) => (100 * value).toFixed(0);
  const cells = rows.map((row) => {
    const { success, grasp, outcomes } = row;
    const faults = OUTCOMES.slice(4).filter((outcome) => outcomes[outcome] > 0);
    return [
      row.embodiment,
      row.task,
      row.variant,
      String(row.nEpisodes),
      `${percent(success.share)} % [${percent(success.low)}, ${percent(success.high)}]`,
      `${percent(grasp.share)} %`,
      String(outcomes["grasp-only"]),
      String(outcomes["wrong-object"]),
      String(outcomes["time-out"]),
      faults.map((outcome) => `${outcome} ${outcomes[outcome]}`).join(", "),
    ];
  });
  const head = [
    "embodiment",
    "task",
    "variant",
    "n",
    "success [95 %]",
    "grasp",
    "grasp only",
    "wrong object",
    "time-out",
    "faults",
  ];
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]!.length)));
  return [head, ...cells]
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
